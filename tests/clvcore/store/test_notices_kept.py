"""A notice that was written to JSON reads the same when it comes back, whatever its values."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clvcore.records.errors import Notice
from clvcore.store.strict_json import notices_from_json, notices_to_json, to_json

SCALARS = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.lists(st.one_of(st.integers(), st.dates()), max_size=3),
    st.tuples(st.text(), st.dates()),
    st.floats(allow_nan=False).map(np.float64),
    st.integers(-(2**31), 2**31).map(np.int64),
)


@given(st.lists(SCALARS, min_size=1, max_size=4))
def test_a_notice_reads_the_same_after_the_trip(values):
    named = {f"v{place}": value for place, value in enumerate(values)}
    notice = Notice("CODE", " / ".join(f"{{{name}}}" for name in named), **named)
    (back,) = notices_from_json(json.loads(to_json(notices_to_json([notice]))))
    assert back == notice
    assert (back.code, back.template) == (notice.code, notice.template)
