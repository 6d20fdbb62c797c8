"""Errors as JSON, so that what a child process refuses can be said again by its parent."""

from __future__ import annotations

from typing import Any

from clvcore.records import errors
from clvcore.records.errors import ClvError, Notice
from clvcore.store.strict_json import notices_from_json, notices_to_json

_KINDS = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ClvError)
}


def error_to_json(error: ClvError) -> dict[str, Any]:
    """Return kind, code, template and values."""
    kind = next(base for base in type(error).__mro__ if base.__name__ in _KINDS)
    said = Notice(error.code, error.template, **error.values)
    return {"kind": kind.__name__, **notices_to_json([said])[0]}


def error_from_json(parts: dict[str, Any]) -> ClvError:
    """Rebuild the error; a kind that is not known here becomes the base kind."""
    (said,) = notices_from_json([parts])
    return _KINDS.get(parts["kind"], ClvError)(said.code, said.template, **said.values)
