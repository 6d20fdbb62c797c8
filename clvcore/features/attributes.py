"""What customers differ by beside dates and money: the attributes they came with.

Trees take categories as small whole numbers. Which number means what is settled once, on the
snapshot a model is trained on, and travels with the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.features.cohorts import attribute_columns
from clvcore.records.errors import DataError
from clvcore.records.snapshot import Snapshot

Ints = npt.NDArray[np.int64]

MOST_LEVELS = 30


@dataclass(frozen=True, kw_only=True)
class Categories:
    """Which number stands for which category, as of the snapshot it was built on.

    Parameters
    ----------
    levels
        Per attribute its values from the most frequent down, at most 30; the first is coded 1.

    Examples
    --------
    >>> known = Categories(levels={"channel": ("email", "search")})
    >>> known.names
    ('channel',)
    >>> Categories.from_dict(known.to_dict()) == known
    True
    """

    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Categories:
        """Settle the numbers on one snapshot; equally frequent values come by name."""
        customers = snapshot.customers
        return cls(levels={n: _frequent(customers[n]) for n in attribute_columns(customers)})

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of ``codes``."""
        return tuple(self.levels)

    def codes(self, snapshot: Snapshot) -> Ints:
        """Return each customer's categories as numbers, shape (customers, names).

        0 is everything else: rare when the numbers were settled, or never seen then.

        Raises
        ------
        DataError
            If the snapshot lacks one of the attributes.
        """
        customers = snapshot.customers
        missing = [name for name in self.levels if name not in attribute_columns(customers)]
        if missing:
            raise DataError(
                "MISSING_ATTRIBUTES",
                "The model was trained with {missing}, which these orders do not have. Keep the "
                "same attribute columns when they are read, or train again.",
                missing=", ".join(missing),
            )
        columns = [_codes(customers[name], levels) for name, levels in self.levels.items()]
        return np.column_stack(columns) if columns else np.empty((len(customers), 0), dtype=int)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types; the order of attributes does not hang on the order of keys."""
        attributes = [{"name": name, "levels": list(of)} for name, of in self.levels.items()]
        return {"attributes": attributes}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Categories:
        """Return what ``to_dict`` wrote."""
        return cls(
            levels={column["name"]: tuple(column["levels"]) for column in document["attributes"]},
        )


def _frequent(values: pd.Series[str]) -> tuple[str, ...]:
    counts = values.value_counts()
    ranked = sorted(zip(-counts.to_numpy(), counts.index, strict=True))
    return tuple(name for _, name in ranked[:MOST_LEVELS])


def _codes(values: pd.Series[str], levels: tuple[str, ...]) -> Ints:
    texts = pa.array(values)
    places = pc.index_in(texts, value_set=pa.array(levels, texts.type)).fill_null(-1)
    codes: Ints = places.to_numpy().astype(np.int64) + 1
    return codes
