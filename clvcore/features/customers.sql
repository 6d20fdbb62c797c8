-- One row per customer: what the kept purchase days up to as_of say. Days, not orders, are counted.
-- A day says how long "ago" it was and how many days after the one before ("gap", 0 for the first).
-- Money comes and is summed in whole units (amount * $scale), so neither threads nor the order of
-- rows move the last digit; logarithms and weights are rounded to whole numbers for the same reason.
WITH weighed AS (
    SELECT
        *,
        CAST(ROUND(1e9 * LN(GREATEST(units / $scale, 1e-9))) AS BIGINT) AS log_amount,
        CAST(ROUND(1e6 * EXP(-0.00385 * ago)) AS BIGINT) + 1 AS freshness -- halves every 180 days
    FROM days
)
SELECT
    COUNT(*) - 1 AS frequency,
    MAX(ago) - MIN(ago) AS recency,
    MAX(ago) AS "T",
    CASE
        WHEN COUNT(*) > 1
        THEN (SUM(units) - ARG_MAX(units, ago)) / $scale / (COUNT(*) - 1)
        ELSE 0
    END AS monetary_value,
    CAST(GREATEST(SUM(orders), COUNT(*)) AS BIGINT) AS n_orders,
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
    COUNT(*) FILTER (WHERE month >= 11) / (0.0 + COUNT(*)) AS year_end_share,
    COUNT(*) FILTER (WHERE ago < 30) AS purchases_30,
    COUNT(*) FILTER (WHERE ago < 90) AS purchases_90,
    COUNT(*) FILTER (WHERE ago < 180) AS purchases_180,
    COUNT(*) FILTER (WHERE ago < 365) AS purchases_365,
    SUM(CASE WHEN ago < 30 THEN units ELSE 0 END) / $scale AS spend_30,
    SUM(CASE WHEN ago < 90 THEN units ELSE 0 END) / $scale AS spend_90,
    SUM(CASE WHEN ago < 180 THEN units ELSE 0 END) / $scale AS spend_180,
    SUM(CASE WHEN ago < 365 THEN units ELSE 0 END) / $scale AS spend_365
FROM weighed
GROUP BY customer
ORDER BY customer
