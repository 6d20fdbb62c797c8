"""The line that names the columns, told by the rows below it rather than by its width alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from clvcore.ingest.columns.headers import name_score
from clvcore.ingest.container.heading import UNIFORM, Row, is_data, kind_of

LOOKED_AT = 60  # rows from the top among which the names are searched for
ROLES = ("customer_id", "date", "amount", "order_id", "quantity", "unit_price")
NAMED = 0.45  # name_score from which a cell is taken to name its role
FOR_EACH = 3  # cells like their column that outweigh one unlike it
SURE_ROLES = 3  # named by one row: it names the columns wherever it stands
MIN_FILLED = 0.1  # share of rows that must have a value before a column has a kind


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """What the cells of a table are: per column its kind, None where it has no single one."""

    kinds: tuple[str | None, ...]
    texts: tuple[frozenset[str], ...]
    usual: float

    def holds(self, kind: str) -> bool:
        """Tell whether a column is all ``date`` or all ``number``."""
        return kind in self.kinds

    def matches(self, row: Row) -> tuple[int, int]:
        """Count the typed columns in which a row has such a value, and in which it has another."""
        alike = unlike = 0
        for kind, cell in zip(self.kinds, row, strict=False):
            if kind is not None and (cell or "").strip():
                alike += kind_of(cell) == kind
                unlike += kind_of(cell) != kind
        return alike, unlike

    def is_data(self, row: Row) -> bool:
        """Tell whether a row reads like those of the table."""
        alike, unlike = self.matches(row)
        typed = sum(kind is not None for kind in self.kinds)
        return alike >= max(1, FOR_EACH * unlike) and 2 * (alike + unlike) >= typed

    def known(self, row: Row) -> tuple[int, int]:
        """Count the filled cells of a row that stand in their column again, and all of them."""
        cells = [(place, cell.strip()) for place, cell in enumerate(row) if (cell or "").strip()]  # type: ignore[union-attr]
        again = sum(place < len(self.texts) and cell in self.texts[place] for place, cell in cells)
        return again, len(cells)


def kinds_below(rows: Sequence[Row]) -> Kinds:
    """Tell the kind of each column from a sample of rows, the latter half of which counts.

    Lines above the table are in the first half, and must have no say.
    """
    body = [row for row in rows[len(rows) // 2 :] if filled(row)] or list(rows)
    width = max((len(row) for row in body), default=0)
    kinds: list[str | None] = []
    texts: list[frozenset[str]] = []
    for place in range(width):
        cells = [row[place].strip() for row in body if place < len(row) and row[place]]  # type: ignore[union-attr]
        cells = [cell for cell in cells if cell]
        counts = Counter(map(kind_of, cells))
        kind, count = counts.most_common(1)[0] if counts else (None, 0)
        sure = count >= UNIFORM * len(cells) and len(cells) >= MIN_FILLED * len(body)
        kinds.append(kind if sure else None)
        texts.append(frozenset(cells))
    usual = Counter(map(filled, body)).most_common(1)[0][0] if body else 0
    return Kinds(kinds=tuple(kinds), texts=tuple(texts), usual=usual)


def find_header(top: Sequence[Row], kinds: Kinds) -> int | None:
    """Return which of the ``top`` rows names the columns, or is the first of a nameless table.

    Names stand above the first row that reads like the body. Of several wide rows there (a title
    block, groups of columns, units), the one is taken that names most of what orders have, then
    the one with most cells, then the lowest; below the first of them none that holds data. A row
    further down that names far more of it is taken all the same.

    Parameters
    ----------
    top
        The first rows with content, 60 at most are looked at.
    kinds
        What the body looks like.

    Returns
    -------
    int or None
        None if no row tells: the body has no dates, numbers or addresses.
    """
    top = top[:LOOKED_AT]
    first = next((place for place, row in enumerate(top) if kinds.is_data(row)), None)
    if first is None:
        return None
    wide = max(2.0, (kinds.usual + 1) / 2)
    above = [place for place, row in enumerate(top[:first]) if filled(row) >= wide]
    named = [place for place in above if place == above[0] or not any(map(is_data, top[place]))]
    found = max(named, key=lambda place: _as_names(top[place], kinds, place), default=first)
    # a summary above the table has names and figures of its own
    roles = [0 if any(map(is_data, row)) else roles_named(row) for row in top]
    best = roles.index(max(roles))
    return best if roles[best] >= max(SURE_ROLES, roles[found] + 2) else found


def roles_named(row: Row) -> int:
    """Count what orders have (customer, date, amount and so on) that some cell of a row names."""
    cells = {cell.strip() for cell in row if cell and cell.strip()}
    return sum(any(name_score(role, cell) >= NAMED for cell in cells) for role in ROLES)


def filled(row: Row) -> int:
    """Count the cells with content."""
    return sum(bool(cell and cell.strip()) for cell in row)


def _as_names(row: Row, kinds: Kinds, place: int) -> tuple[int, bool, int, int]:
    """Return how well a row names the columns; the greatest is taken.

    A row of the table with a fault in it repeats values of some columns; names that are repeated
    below, page by page, repeat as a whole.
    """
    again, cells = kinds.known(row)
    return roles_named(row), again in (0, cells), cells, place
