"""Tables as JSON types."""

from __future__ import annotations

from typing import Any

import pandas as pd


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one dict per row; days as text, since a moment of the day was never known."""
    plain = frame.copy()
    for name in plain.columns:
        if plain[name].dtype.kind == "M":
            plain[name] = plain[name].dt.strftime("%Y-%m-%d").astype(object)
    plain = plain.astype(object)
    return plain.where(plain.notna(), None).to_dict("records")  # type: ignore[return-value]
