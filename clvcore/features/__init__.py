"""What is known of each customer on a day, and what happened after it.

May import: ``records``, ``arrays``, ``engines``. Begin with ``snapshot.py``.
"""

from clvcore.features.attributes import Categories
from clvcore.features.cohorts import cohort_labels
from clvcore.features.ledger import ledger
from clvcore.features.outcome import take_outcome
from clvcore.features.retention import CohortMonths, left_censored, observed_retention
from clvcore.features.snapshot import take_snapshot

__all__ = [
    "Categories",
    "CohortMonths",
    "cohort_labels",
    "ledger",
    "left_censored",
    "observed_retention",
    "take_outcome",
    "take_snapshot",
]
