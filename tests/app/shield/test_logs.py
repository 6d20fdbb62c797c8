"""One record, one line at the margin, and the request it belongs to."""

from __future__ import annotations

import logging

from app.shield.logs import Lines, request_id


def _line(message: str, *values: object) -> str:
    return Lines().format(logging.LogRecord("clv", logging.ERROR, "", 0, message, values, None))


def test_a_line_names_its_request():
    token = request_id.set("0123abcd")
    try:
        assert "clv [0123abcd] it failed" in _line("it failed")
    finally:
        request_id.reset(token)
    assert "clv [-] it failed" in _line("it failed")


def test_what_a_visitor_sent_forges_no_line():
    forged = "x\r\n2026-01-01 ERROR clv [-] forged \x1b[2J \u2028 \x85 \x00"
    written = _line("%s", forged)
    assert [line for line in written.split("\n")[1:] if not line.startswith("  ")] == []
    assert not {"\r", "\x1b", "\u2028", "\x85", "\x00"} & set(written)
    assert "\\x1b" in written
