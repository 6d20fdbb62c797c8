"""The glossary in code: column names, their units and what each may never mean.

frequency       repeat purchase days, the first excluded          (orders are ``n_orders``)
recency         days from first to last purchase                  (silence is ``days_since_last``)
T               days from first purchase to ``as_of``             (never the horizon)
monetary_value  mean amount per repeat purchase day; 0 if none    (totals are ``revenue_to_date``)
as_of           last day known, inclusive                         (never today's date)
clv             value expected over the horizon from ``as_of`` on (never past revenue)
p_alive         probability of still being a customer at ``as_of`` (not a churn label)
"""

from __future__ import annotations

CUSTOMER, DATE, AMOUNT, ORDER = "customer_id", "date", "amount", "order_id"
EMAIL = "email"
PURCHASE_DATE, KEPT, LINE = "purchase_date", "kept", "line"
RESERVED = (LINE, CUSTOMER, DATE, AMOUNT, ORDER, PURCHASE_DATE, KEPT)

FREQUENCY, RECENCY, AGE, MONETARY = "frequency", "recency", "T", "monetary_value"

HIGH, MEDIUM, LOW = "high", "medium", "low"
SEGMENTS = (HIGH, MEDIUM, LOW)
ACTIVE, COOLING, AT_RISK, LOST = "active", "cooling", "at_risk", "lost"
RISKS = (ACTIVE, COOLING, AT_RISK, LOST)
OBSERVED, FORECAST = "observed", "forecast"

CUSTOMERS_FRAME = (
    "clv", "clv_lower", "clv_upper", "expected_purchases", "expected_purchase_value",
    "p_alive", "p_purchase", "revenue_to_date", "predicted_total_value",
    FREQUENCY, RECENCY, AGE, MONETARY, "first_purchase", "last_purchase",
    "cohort", "segment", "risk", "action", "short_history",
)  # fmt: skip
SNAPSHOT_FEATURES = (
    "n_orders", "days_since_last", "first_amount", "last_amount", "max_amount", "mean_log_amount",
    "recent_mean_amount", "gap_mean", "gap_spread", "returned_share", "year_end_share",
    "purchases_30", "purchases_90", "purchases_180", "purchases_365",
    "spend_30", "spend_90", "spend_180", "spend_365",
)  # fmt: skip
TOTALS_FRAME = ("scope", "key", "customers", "clv", "clv_lower", "clv_upper")
TIMELINE_FRAME = ("month", "kind", "revenue", "lower", "upper", "purchases")
COHORTS_FRAME = (
    "cohort", "customers", "month_index", "kind", "retention",
    "cumulative_value_per_customer", "lower", "upper",
)  # fmt: skip
LEADERBOARD_FRAME = (
    "rmse", "mae", "bias", "gini", "spearman", "coverage_80", "coverage_95", "winkler_95",
)  # fmt: skip
WEIGHTS_FRAME = ("model", "class", "weight")
COVERAGE_FRAME = (
    "scope", "key", "level", "customers", "held", "coverage", "wilson_lower", "wilson_upper",
    "raw_coverage", "width", "winkler", "zeros", "least",
)  # fmt: skip
PAST_TOTALS_FRAME = (
    "origin", "scope", "key", "customers", "actual", "forecast", "level", "lower", "upper",
)  # fmt: skip
PIT_FRAME = ("lower", "upper", "share")
CALIBRATION_FRAME = ("tenth", "customers", "forecast", "actual")
DRIFT_FRAME = ("measure", "statistic", "then", "now", "value", "lower", "upper", "drifted")
DRIFT_FEATURES = (
    FREQUENCY, RECENCY, AGE, "days_since_last", MONETARY, "revenue_to_date",
)  # fmt: skip
PSI, ACTUAL_TO_FORECAST, SPENT = "psi", "actual_to_forecast", "spent"
SCORED = "SCORED"  # code of the notice every scored run carries
FREQUENCY_CLASSES = ("one_time", "few", "many")
GOOD, FAIR, WEAK, NOT_MEASURED = "good", "fair", "weak", "not_measured"
VERDICTS = (GOOD, FAIR, WEAK, NOT_MEASURED)

DAYS_PER_WEEK = 7.0
WEEKS_PER_YEAR = 365.25 / 7.0
HISTORY_MONTHS = 6  # calendar months a forecast should rest on, first and last day inclusive
MAX_HORIZON_DAYS = 1826
