-- The value of one attribute at each customer's first purchase; the smallest where a day has several.
WITH firsts AS (
    SELECT customer_id, MIN(purchase_date) AS first_purchase
    FROM lines
    GROUP BY customer_id
)
SELECT lines.customer_id, MIN(lines.attribute) AS attribute
FROM lines
INNER JOIN firsts
    ON lines.customer_id = firsts.customer_id
    AND lines.purchase_date = firsts.first_purchase
GROUP BY lines.customer_id
ORDER BY lines.customer_id
