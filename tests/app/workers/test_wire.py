"""What a child refused reads the same in its parent, in every language."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from app.accounts.passwords import AccountError
from app.workers.wire import error_from_json, error_to_json
from clvcore.records.errors import ClvError, HistoryError, MappingError
from clvcore.store.strict_json import to_json


@pytest.mark.parametrize("kind", [MappingError, HistoryError, ClvError])
def test_an_error_survives_the_trip(kind):
    sent = kind(
        "CODE", "{n:,} rows until {day}, {share:.1%}", n=1234, day=dt.date(2024, 2, 29), share=0.5
    )
    got = error_from_json(json.loads(to_json(error_to_json(sent))))
    assert type(got) is kind
    assert str(got) == str(sent) == "1,234 rows until 2024-02-29, 50.0%"
    assert (got.code, got.template, got.values) == (sent.code, sent.template, sent.values)


def test_an_error_of_an_unknown_kind_arrives_as_its_nearest_known_one():
    assert type(error_from_json(error_to_json(AccountError("CODE", "no")))) is ClvError
    assert type(error_from_json({**error_to_json(ClvError("C", "no")), "kind": "os"})) is ClvError
