"""Words that files of orders use, in fourteen languages, one table (TOML) a theme."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(theme: str) -> dict[str, Any]:
    """Return the table of a theme, such as ``columns``, as it stands in its file."""
    text = files(__name__).joinpath(f"{theme}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def listed(text: str) -> tuple[str, ...]:
    r"""Return the entries of a cell of a table: apart by commas, over any number of lines.

    Examples
    --------
    >>> listed("order date,\n  date")
    ('order date', 'date')
    """
    return tuple(entry for entry in (" ".join(part.split()) for part in text.split(",")) if entry)
