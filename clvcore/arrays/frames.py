"""How frames are put together without pandas taking them apart again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def text_columns(frame: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Return the columns in ``order``, those that hold objects as text.

    ``DataFrame.astype`` would copy the whole frame column by column and join it once more, which
    takes longer than what most of these frames hold.
    """
    columns = {
        name: pd.array(frame[name].to_numpy(), dtype="str")
        if frame[name].dtype == object
        else frame[name].array
        for name in order
    }
    return pd.DataFrame(columns, index=frame.index)
