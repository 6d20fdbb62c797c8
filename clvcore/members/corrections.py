"""What the boosted trees may look at: scale-free traits of a customer and of the base forecast."""

from __future__ import annotations

import numpy as np

from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot

FEATURES = (
    "log_purchases", "log_age", "log_idle", "idle_share", "idle_to_gap", "p_alive",
    "log_expected_purchases", "log_expected_value", "last_to_mean", "first_to_mean",
    "max_to_mean", "amount_spread", "tempo_90", "tempo_365", "recent_to_mean", "spend_180_to_mean",
    "value_to_all",
)  # fmt: skip
_TINY = 1e-9


def correction_features(
    snapshot: Snapshot, base: Prediction, *, all_values: Floats | None = None
) -> Floats:
    """Return the feature table, shape (customers, len(FEATURES)).

    Only ratios and logarithms: a shop's currency and size play no part. ``base`` must be the
    forecast made at the snapshot's own ``as_of``. Where the snapshot holds only some of the
    customers, ``all_values`` are the expected purchase values of all of them. Share of returns,
    share of November and December and the spread of gaps are in the feature table, but measured
    out of time they were worth nothing to the trees and stay out
    (``tests/benchmarks/ablation.py``).
    """
    c = snapshot.customers
    n = c["frequency"].to_numpy() + 1.0
    age = np.maximum(c["T"].to_numpy(dtype=np.float64), 1.0)
    idle = c["days_since_last"].to_numpy(dtype=np.float64)
    total = np.maximum(c["revenue_to_date"].to_numpy(), _TINY)
    mean = total / n
    gap = np.nan_to_num(c["gap_mean"].to_numpy(), nan=0.0)
    gap = np.where(n > 1, gap, age)
    rate = n / (age + 30.0)
    value = np.maximum(base.purchase_value, _TINY)
    everybody = value if all_values is None else np.maximum(all_values, _TINY)
    columns = (
        np.log(n),
        np.log(age),
        np.log1p(idle),
        idle / age,
        np.log1p(idle) - np.log1p(gap),
        base.p_alive,
        np.log(np.maximum(base.purchases[:, -1], _TINY)),
        np.log(value / np.exp(np.log(everybody).mean())),
        _log_ratio(c["last_amount"].to_numpy(), mean),
        _log_ratio(c["first_amount"].to_numpy(), mean),
        _log_ratio(c["max_amount"].to_numpy(), mean),
        np.clip(np.log(mean) - c["mean_log_amount"].to_numpy(), -5.0, 20.0),
        np.log((c["purchases_90"].to_numpy() + 0.5) / (rate * np.minimum(90.0, age) + 0.5)),
        np.log((c["purchases_365"].to_numpy() + 0.5) / (rate * np.minimum(365.0, age) + 0.5)),
        _log_ratio(c["recent_mean_amount"].to_numpy(), mean),
        np.log((c["spend_180"].to_numpy() + mean) / (total * np.minimum(1.0, 180.0 / age) + mean)),
        np.log(value / everybody.mean()),
    )
    # rounded, so that the last digit of a sum cannot move a row to another bin
    return np.round(np.column_stack(columns), 7)


def _log_ratio(amount: Floats, mean: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(amount, 1e-3 * mean) / mean))
