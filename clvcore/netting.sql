-- Which lines count: returns are taken off the purchase they belong to.
-- A refund on a later day belongs to an earlier purchase only where an order id links them.
WITH refunds AS (
    SELECT DISTINCT customer_id, order_id
    FROM lines
    WHERE amount < 0 AND order_id IS NOT NULL
),
bought AS (
    SELECT lines.customer_id, lines.order_id, MIN(lines.date) AS first_bought
    FROM lines
    INNER JOIN refunds ON lines.customer_id = refunds.customer_id AND lines.order_id = refunds.order_id
    WHERE lines.amount >= 0
    GROUP BY lines.customer_id, lines.order_id
),
placed AS (
    SELECT
        lines.line,
        lines.customer_id,
        lines.amount,
        CASE
            WHEN lines.amount < 0 AND bought.first_bought < lines.date THEN bought.first_bought
            ELSE lines.date
        END AS purchase_date
    FROM lines
    LEFT JOIN bought ON lines.customer_id = bought.customer_id AND lines.order_id = bought.order_id
),
days AS (
    -- the tolerance keeps 10.10 + 20.20 - 30.30 at nothing in binary arithmetic
    SELECT
        customer_id,
        purchase_date,
        MIN(amount) >= 0 OR SUM(amount) > 1e-9 * SUM(ABS(amount)) AS kept
    FROM placed
    GROUP BY customer_id, purchase_date
)
SELECT placed.line, placed.purchase_date, days.kept
FROM placed
INNER JOIN days ON placed.customer_id = days.customer_id AND placed.purchase_date = days.purchase_date
ORDER BY placed.line
