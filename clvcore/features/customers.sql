-- One row per customer: what the kept purchase days up to $as_of say. Days, not orders, are counted.
-- Sums are taken in a stated order, so that neither threads nor the order of rows move the last digit.
WITH days AS (
    SELECT
        customer_id,
        purchase_date,
        SUM(amount ORDER BY amount) AS amount,
        COUNT(DISTINCT order_id) AS orders
    FROM lines
    GROUP BY customer_id, purchase_date
),
customers AS (
    SELECT
        customer_id,
        COUNT(*) AS purchase_days,
        GREATEST(SUM(orders), COUNT(*)) AS n_orders,
        MIN(purchase_date) AS first_purchase,
        MAX(purchase_date) AS last_purchase,
        SUM(amount ORDER BY purchase_date) AS revenue_to_date
    FROM days
    GROUP BY customer_id
),
first_days AS (
    SELECT days.customer_id, days.amount AS first_amount
    FROM days
    INNER JOIN customers
        ON days.customer_id = customers.customer_id
        AND days.purchase_date = customers.first_purchase
)
SELECT
    customers.customer_id,
    purchase_days - 1 AS frequency,
    DATE_DIFF('day', first_purchase, last_purchase) AS recency,
    DATE_DIFF('day', first_purchase, CAST($as_of AS DATE)) AS "T",
    CASE
        WHEN purchase_days > 1 THEN (revenue_to_date - first_amount) / (purchase_days - 1)
        ELSE 0
    END AS monetary_value,
    n_orders,
    DATE_DIFF('day', last_purchase, CAST($as_of AS DATE)) AS days_since_last,
    revenue_to_date,
    first_amount,
    first_purchase,
    last_purchase
FROM customers
INNER JOIN first_days ON customers.customer_id = first_days.customer_id
ORDER BY customers.customer_id
