"""What is kept as JSON reads the same after the trip, and any program can read it."""

from __future__ import annotations

import datetime as dt
import json
import math

import pytest

from clvcore.records.errors import Notice
from clvcore.store.strict_json import notices_from_json, notices_to_json, numbers, to_json


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_null_and_read_back_as_such(value):
    kept = json.loads(to_json({"a": value, "b": 0.1}), parse_constant=pytest.fail)
    assert kept == {"a": None, "b": 0.1}
    back = numbers(kept)
    assert math.isnan(back["a"])
    assert back["b"] == 0.1


def test_a_notice_keeps_days_numbers_and_names():
    told = Notice(
        "FAR", "{day} {rows} {share} {name}",
        day=dt.date(2024, 2, 29), rows=3, share=0.25, name="Ñandú",
    )  # fmt: skip
    (back,) = notices_from_json(json.loads(to_json(notices_to_json([told]))))
    assert (back.code, str(back)) == (told.code, str(told))
    assert back.values == told.values
