-- One row per customer: what the kept purchase days up to $as_of say. Days, not orders, are counted.
-- Money is summed in whole units (amount * $scale), so neither threads nor the order of rows move
-- the last digit; logarithms and weights are rounded to whole numbers for the same reason.
WITH days AS (
    SELECT
        customer_id,
        purchase_date,
        SUM(units) AS units,
        COUNT(DISTINCT order_id) AS orders,
        SUM(CASE WHEN units < 0 THEN -units ELSE 0 END) AS returned,
        DATE_DIFF('day', purchase_date, CAST($as_of AS DATE)) AS ago
    FROM lines
    GROUP BY customer_id, purchase_date
),
spaced AS (
    SELECT
        *,
        LAG(ago) OVER (PARTITION BY customer_id ORDER BY ago DESC) - ago AS gap,
        CAST(ROUND(1e9 * LN(GREATEST(units / $scale, 1e-9))) AS BIGINT) AS log_amount,
        CAST(ROUND(1e6 * EXP(-0.00385 * ago)) AS BIGINT) + 1 AS freshness -- halves every 180 days
    FROM days
)
SELECT
    customer_id,
    COUNT(*) - 1 AS frequency,
    MAX(ago) - MIN(ago) AS recency,
    MAX(ago) AS "T",
    CASE
        WHEN COUNT(*) > 1
        THEN (SUM(units) - ARG_MAX(units, ago)) / $scale / (COUNT(*) - 1)
        ELSE 0
    END AS monetary_value,
    GREATEST(SUM(orders), COUNT(*)) AS n_orders,
    MIN(ago) AS days_since_last,
    SUM(units) / $scale AS revenue_to_date,
    ARG_MAX(units, ago) / $scale AS first_amount,
    ARG_MIN(units, ago) / $scale AS last_amount,
    MAX(units) / $scale AS max_amount,
    SUM(log_amount) / 1e9 / COUNT(*) AS mean_log_amount,
    CAST(SUM(CAST(units AS HUGEINT) * freshness) AS DOUBLE) / SUM(freshness) / $scale
        AS recent_mean_amount,
    SUM(gap) / NULLIF(COUNT(*) - 1.0, 0) AS gap_mean,
    SUM(gap * gap) / NULLIF(COUNT(*) - 1.0, 0) AS gap_square_mean,
    SUM(returned) / (SUM(units) + SUM(returned) + 1.0) AS returned_share,
    SUM(CASE WHEN MONTH(purchase_date) >= 11 THEN 1 ELSE 0 END) / (0.0 + COUNT(*))
        AS year_end_share,
    SUM(CASE WHEN ago < 30 THEN 1 ELSE 0 END) AS purchases_30,
    SUM(CASE WHEN ago < 90 THEN 1 ELSE 0 END) AS purchases_90,
    SUM(CASE WHEN ago < 180 THEN 1 ELSE 0 END) AS purchases_180,
    SUM(CASE WHEN ago < 365 THEN 1 ELSE 0 END) AS purchases_365,
    SUM(CASE WHEN ago < 30 THEN units ELSE 0 END) / $scale AS spend_30,
    SUM(CASE WHEN ago < 90 THEN units ELSE 0 END) / $scale AS spend_90,
    SUM(CASE WHEN ago < 180 THEN units ELSE 0 END) / $scale AS spend_180,
    SUM(CASE WHEN ago < 365 THEN units ELSE 0 END) / $scale AS spend_365,
    MIN(purchase_date) AS first_purchase,
    MAX(purchase_date) AS last_purchase
FROM spaced
GROUP BY customer_id
ORDER BY customer_id
