"""The refusal of a file of which no row can be used; it keeps the rows."""

from __future__ import annotations

import pandas as pd

from clvcore.records.errors import DataError


class NothingLeftError(DataError):
    """No row is left; ``rejected`` lists those that could not be read, as a report does."""

    rejected: pd.DataFrame | None = None

    @classmethod
    def of(cls, reason: DataError, rejected: pd.DataFrame) -> NothingLeftError:
        """Return the refusal with the rows it is about."""
        error = cls(reason.code, reason.template, **reason.values)
        error.rejected = rejected
        return error
