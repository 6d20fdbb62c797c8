-- Which lines count: returns are taken off the purchase they belong to.
-- A refund on a later day belongs to an earlier purchase only where an order id links them.
WITH refunds AS (
    SELECT DISTINCT customer, order_number
    FROM lines
    WHERE amount < 0 AND order_number IS NOT NULL
),
bought AS (
    SELECT lines.customer, lines.order_number, MIN(lines.date) AS first_bought
    FROM lines
    INNER JOIN refunds
        ON lines.customer = refunds.customer AND lines.order_number = refunds.order_number
    WHERE lines.amount >= 0
    GROUP BY lines.customer, lines.order_number
),
placed AS (
    SELECT
        lines.line,
        lines.customer,
        lines.amount,
        CASE
            WHEN lines.amount < 0 AND bought.first_bought < lines.date THEN bought.first_bought
            ELSE lines.date
        END AS purchase_day
    FROM lines
    LEFT JOIN bought
        ON lines.customer = bought.customer AND lines.order_number = bought.order_number
),
days AS (
    -- the tolerance keeps 10.10 + 20.20 - 30.30 at nothing in binary arithmetic
    SELECT
        customer,
        purchase_day,
        MIN(amount) >= 0 OR SUM(amount) > 1e-9 * SUM(ABS(amount)) AS kept
    FROM placed
    GROUP BY customer, purchase_day
)
SELECT placed.line, placed.purchase_day, days.kept
FROM placed
INNER JOIN days ON placed.customer = days.customer AND placed.purchase_day = days.purchase_day
