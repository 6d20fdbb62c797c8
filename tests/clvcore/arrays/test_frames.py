"""A frame put together column by column is the frame ``astype`` would make."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvcore.arrays.frames import text_columns


def test_objects_become_text_and_the_rest_stays():
    frame = pd.DataFrame(
        {"n": [1.5, np.nan], "t": np.array(["x", "ÿ"], dtype=object), "i": [1, 2]}, index=[7, 9]
    )
    made = text_columns(frame, ["t", "n"])
    expected = frame[["t", "n"]].astype({"t": "str"})
    pd.testing.assert_frame_equal(made.reset_index(drop=True), expected.reset_index(drop=True))
