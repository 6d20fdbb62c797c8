"""Which sheets of a workbook, or files of an archive, hold the orders, and those of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.container.header_search import Kinds, roles_named
from clvcore.ingest.raw import UNNAMED, RawTable, check_rows
from clvcore.records.errors import Notice

SAID = 20  # names in one sentence
HIDDEN = -10
BETWEEN = "\x1f"


@dataclass(frozen=True, eq=False, kw_only=True)
class Look:
    """What the first rows of a part seem to be; ``named`` if a row names the columns."""

    title: str
    names: tuple[str, ...]
    named: bool
    kinds: Kinds
    rows: int
    hidden: bool = False

    @property
    def score(self) -> int:
        """How much this looks like orders: dates, numbers, and names of what orders have."""
        if not self.rows:
            return 2 * HIDDEN
        roles = roles_named(self.names) if self.named else 0
        score = 2 * self.kinds.holds("date") + self.kinds.holds("number") + roles
        return score + HIDDEN * self.hidden

    @property
    def like_orders(self) -> bool:
        """Whether some column holds dates and another one numbers."""
        return bool(self.rows) and self.kinds.holds("date") and self.kinds.holds("number")

    def has_shape_of(self, other: Look) -> bool:
        """Tell whether both have the same columns, in any order; nameless ones the same kinds."""
        if self.named and other.named:
            return bool(_real(self.names)) and _real(self.names) == _real(other.names)
        kinds = zip(self.kinds.kinds, other.kinds.kinds, strict=False)
        return len(self.names) == len(other.names) and all(
            one == two for one, two in kinds if one is not None and two is not None
        )


def of_one_shape(looks: Sequence[Look]) -> list[Look]:
    """Return the part that looks most like orders, the first of equals, and all of its shape."""
    best = max(looks, key=lambda look: look.score)
    return [
        look
        for look in looks
        if look is best or (look.rows and look.hidden == best.hidden and look.has_shape_of(best))
    ]


def joined(parts: Sequence[RawTable], titles: Sequence[str]) -> RawTable:
    """Join tables of one shape under the names of the first that has any; line numbers count on.

    A part all of whose rows stand in another one, as months beside a sheet of the whole year, is
    left out and said.
    """
    copied = _copies([part.table for part in parts])
    kept = [number for number in range(len(parts)) if number not in copied]
    notices = [_copied([titles[number] for number in sorted(copied)])] if copied else []
    first = next((parts[n] for n in kept if parts[n].header_row), parts[kept[0]])
    if len(kept) == 1:
        title = titles[kept[0]]
        return replace(first, sheet=title, notices=(*notices, *first.notices))
    tables, lines, ragged, last = [], [], [], 0
    for number in kept:
        part = parts[number]
        tables.append(_renamed(part, first))
        lines.append(pc.add(part.lines, last))
        ragged.append(part.ragged or pa.array([False] * part.table.num_rows))
        last += part.lines[-1].as_py()
    table = pa.concat_tables(tables, promote_options="default")
    check_rows(table.num_rows)
    notices.insert(0, _joined([(titles[n], parts[n].table.num_rows) for n in kept]))
    own = {notice.code: notice for number in kept for notice in parts[number].notices}
    shifted = pa.concat_arrays(ragged)
    return replace(
        first,
        table=table,
        lines=pa.concat_arrays(lines),
        ragged=shifted if shifted.true_count else None,
        sheet=None,
        notices=(*notices, *own.values()),
    )


def left_out(read: Sequence[str], others: Sequence[str]) -> tuple[Notice, ...]:
    """Say which parts with content were not read."""
    if not others:
        return ()
    return (
        Notice(
            "OTHER_SHEETS",
            "Read from this file: {sheet}. Not read: {names}. Name another sheet to read it "
            "instead.",
            sheet=_listed(read), others=len(others), names=_listed(others),
        ),
    )  # fmt: skip


def _joined(parts: Sequence[tuple[str, int]]) -> Notice:
    return Notice(
        "SHEETS_JOINED",
        "{sheets} sheets have the same columns and were read as one table of {rows:,} rows, whose "
        "line numbers count on: {names}. Name one of them to read it alone.",
        sheets=len(parts),
        rows=sum(rows for _, rows in parts),
        names=_listed([f"{title} ({rows:,})" for title, rows in parts]),
    )


def _copied(titles: Sequence[str]) -> Notice:
    return Notice(
        "SHEETS_REPEATED",
        "All rows of {sheets} sheets stand in another sheet too; they were counted once: {names}.",
        sheets=len(titles), names=_listed(titles),
    )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SAID]) + (", …" if len(names) > SAID else "")


def _real(names: Sequence[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if not name.startswith(UNNAMED))


def _renamed(part: RawTable, first: RawTable) -> pa.Table:
    """Return a part with the names of the first one; a nameless part has them by place."""
    if not part.header_row:
        known = first.columns[: part.table.num_columns]
        more = part.columns[len(known) :]
        return part.table.rename_columns([*known, *more])
    spelled = {name.casefold(): name for name in first.columns}
    return part.table.rename_columns([spelled.get(n.casefold(), n) for n in part.columns])


def _copies(tables: Sequence[pa.Table]) -> set[int]:
    """Return which tables hold no row that a larger one, or an earlier one as large, lacks."""
    if len(tables) < 2:
        return set()
    rows = [_as_texts(table) for table in tables]
    order = sorted(range(len(rows)), key=lambda number: (-len(rows[number]), number))
    copies: set[int] = set()
    for place, number in enumerate(order):
        for larger in order[:place]:
            if larger in copies or tables[larger].num_columns != tables[number].num_columns:
                continue
            if pc.all(pc.is_in(rows[number], value_set=rows[larger])).as_py():
                copies.add(number)
                break
    return copies


def _as_texts(table: pa.Table) -> pa.Array:
    """Return each row as one text, its columns in the order of their names."""
    names = sorted(table.column_names, key=str.casefold)
    columns = [pc.fill_null(table[name].cast(pa.string()), "") for name in names]
    return pc.binary_join_element_wise(*columns, BETWEEN).combine_chunks()
