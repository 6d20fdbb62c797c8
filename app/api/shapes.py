"""The shapes of the answers, as the description of the interface shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Error(_Shape):
    """Every answer that is no success."""

    error: str
    message: str = Field(description="In the language of Accept-Language.")
    code: str = Field(description="Stable, never translated.")
    details: dict[str, Any] = Field(
        default_factory=dict,
        description="Which parameter, where, and what it may be; left out beside a 401.",
    )


class Warning_(_Shape):  # noqa: N801  # the name shows in the description
    """A doubt about the data or the forecast."""

    code: str
    message: str


class ConfidenceInterval(_Shape):
    """Of predicted_clv."""

    lower_bound: float
    upper_bound: float
    confidence_level: float


class ValueBreakdown(_Shape):
    """Future value after 3, 6 and 12 months, cumulative, whatever the horizon."""

    short_term_3m: float
    medium_term_6m: float
    long_term_12m: float


Segment = Literal["high", "medium", "low"]


class Prediction(_Shape):
    """One customer; predicted_clv = historical_value + predicted_future_value."""

    customer_id: str
    predicted_clv: float
    historical_value: float
    predicted_future_value: float
    confidence_interval: ConfidenceInterval | None = None
    value_breakdown: ValueBreakdown
    p_alive: float = Field(ge=0, le=1)
    expected_purchases: float = Field(ge=0)
    segment: Segment
    risk: Literal["active", "cooling", "at_risk", "lost"]
    recommended_actions: list[str]


class Coverage(_Shape):
    """Share of past outcomes that intervals at a level held."""

    confidence_level: float
    coverage: float


class ModelPerformance(_Shape):
    """Out of time, future spend only; null where the past could not be scored."""

    r2_score: float | None
    mae: float | None
    rmse: float | None
    bias: float | None = Field(description="Forecast over actual total, minus 1.")
    coverage: list[Coverage]
    window_days: int
    is_full_length: bool = Field(description="Whether past windows were as long as the horizon.")
    verdict: Literal["good", "fair", "weak", "not_measured"]


class ModelInfo(_Shape):
    """Which model served, and how it did on the past."""

    selected_model: str
    weights: dict[str, float]
    model_performance: ModelPerformance


class SegmentTotal(_Shape):
    """A value group, with an interval of its own total."""

    segment: Segment
    customers: int
    value_from: float | None
    predicted_future_value: float
    lower_bound: float
    upper_bound: float
    confidence_level: float


class Totals(_Shape):
    """All customers together, with an interval of their total."""

    customers: int
    historical_value: float
    predicted_future_value: float
    predicted_clv: float
    confidence_interval: ConfidenceInterval
    currency: str | None
    as_of: str = Field(json_schema_extra={"format": "date"})
    horizon_months: int
    horizon_end: str = Field(json_schema_extra={"format": "date"})


class DataQuality(_Shape):
    """Every row and every cent that came in was used, or dropped for a reason."""

    columns: dict[str, str] | None = Field(
        None, description="Under which key of the orders each role was found."
    )
    rows_in: int | None = None
    rows_used: int | None = None
    rows_dropped: dict[str, int] | None = None
    amount_in: float | None = None
    amount_used: float | None = None
    amount_dropped: dict[str, float] | None = None
    customers_in: int | None = None
    customers_used: int | None = None
    warnings: list[Warning_]


class ForecastAnswer(_Shape):
    """The documented forecast."""

    predictions: list[Prediction]
    model_info: ModelInfo
    segments: list[SegmentTotal]
    totals: Totals
    data_quality: DataQuality
    warnings: list[Warning_]
    run_id: str


class ClientCustomer(_Shape):
    """One customer in the shape of the public client."""

    customer_id: str
    predicted_clv: float = Field(description="History plus future.")
    confidence_lower: float
    confidence_upper: float
    predicted_txns: float
    predicted_avg_margin: float
    algorithm_used: str
    clv_tier: Segment
    interpretation: str
    explanations: list[str]


class ClientForecastAnswer(_Shape):
    """evaluation_mae is left out where the past could not be scored."""

    best_algorithm: str
    horizon_months: int
    evaluation_mae: float | None = None
    customers: list[ClientCustomer]
    data_quality: DataQuality


class ClientFeatures(_Shape):
    """purchase_frequency is the number of purchase days, as in customer_data."""

    customer_id: str
    total_revenue: float
    avg_order_value: float
    order_count: int
    customer_age_days: int
    recency_days: int
    purchase_frequency: float


class ClientFeaturesAnswer(_Shape):
    """One row per customer."""

    customers: list[ClientFeatures]
    data_quality: DataQuality


Score = Literal[1, 2, 3, 4, 5]


class ClientRfm(_Shape):
    """recency: days since the last purchase; frequency: purchase days; monetary: total."""

    customer_id: str
    recency: int
    frequency: int
    monetary: float
    r_score: Score
    f_score: Score
    m_score: Score
    rfm_score: str
    segment: str


class ClientRfmAnswer(_Shape):
    """One row per customer, and how many are in each segment."""

    customers: list[ClientRfm]
    segment_summary: dict[str, int]
    data_quality: DataQuality


class Health(_Shape):
    """The process answers."""

    status: Literal["ok"]
    version: str
