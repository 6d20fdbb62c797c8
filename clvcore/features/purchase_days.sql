-- One row per customer and kept purchase day; customers are numbered in the order of their ids.
SELECT
    DENSE_RANK() OVER (ORDER BY customer_id) - 1 AS customer,
    DATE_DIFF('day', CAST($first_day AS DATE), purchase_date) AS day,
    SUM(units) / $scale AS amount
FROM lines
GROUP BY customer_id, purchase_date
ORDER BY customer, day
