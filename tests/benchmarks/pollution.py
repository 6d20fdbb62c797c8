"""Polluted CSV files: how much of the truth each reader brings home.

    python tests/benchmarks/pollution.py --out pollution.md

The kinds of pollution are those of the Pollock benchmark (Vitagliano et al., PVLDB 16(8), 2023): a
clean file of orders is damaged in one standard way at a time. The intake, pandas and DuckDB read
each file with their defaults. A row counts as right if customer, day and amount are all as they
were in the clean file; pandas and DuckDB get the columns by position and every doubt in their
favor: ids have no leading zeros to lose, text is compared stripped, numbers and days are
converted. The last column is what the intake said about the damage.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pandas as pd
from interval_tables import markdown

from clvcore.ingest import Mapping, RawTable, guess_mapping, read_raw, validate
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE
from clvcore.records.errors import ClvError

ROWS = 84
Truth = tuple[str, dt.date, float]
Rows = list[list[str]]
HEADER = ["customer_id", "date", "note", "amount"]
MAPPING = Mapping(customer_id="customer_id", date="date", amount="amount")


def orders(seed: int = 0) -> tuple[Rows, list[Truth]]:
    """Return the cells of a clean file and what they mean."""
    chance = random.Random(seed)  # noqa: S311
    cells, truth = [], []
    for number in range(ROWS):
        day = dt.date(2023, 1, 1) + dt.timedelta(days=chance.randrange(700))
        amount = round(chance.uniform(1, 900), 2)
        customer = f"K{chance.randrange(30)}"
        note = chance.choice(("gift", "said, twice", "", f"nr {number}"))
        cells.append([customer, day.isoformat(), note, f"{amount:.2f}"])
        truth.append((customer, day, amount))
    return cells, truth


def text(rows: Rows, mark: str = ",", quote: str = '"', end: str = "\n", esc: str = "") -> str:
    """Write rows as CSV; ``esc`` escapes quotes instead of doubling them."""

    def cell(value: str) -> str:
        if not any(c in value for c in (mark, quote, "\n", "\r")):
            return value
        return quote + value.replace(quote, (esc or quote) + quote) + quote

    return "".join(mark.join(map(cell, row)) + end for row in rows)


def _lines(rows: Rows, change: Callable[[int, str], str]) -> bytes:
    lines = text([HEADER, *rows]).splitlines(keepends=True)
    return "".join(change(number, line) for number, line in enumerate(lines)).encode()


def _with_note(rows: Rows, note: str, **style: str) -> bytes:
    changed = [[*row[:2], note if n % 9 == 4 else row[2], row[3]] for n, row in enumerate(rows)]
    return text([HEADER, *changed], **style).encode()


def _at(place: int, change: Callable[[str], str]) -> Callable[[Rows], bytes]:
    return lambda rows: _lines(rows, lambda n, line: change(line) if n == place else line)


# what is done to the file, after the families of the Pollock benchmark
POLLUTIONS: dict[str, Callable[[Rows], bytes]] = {
    "clean": lambda rows: text([HEADER, *rows]).encode(),
    "byte-order mark": lambda rows: text([HEADER, *rows]).encode("utf-8-sig"),
    "UTF-16": lambda rows: text([HEADER, *rows]).encode("utf-16"),
    "not UTF-8": lambda rows: text(
        [HEADER, *([*r[:2], "Köln", r[3]] for r in rows)]
    ).encode("cp1252"),
    "no header": lambda rows: text(rows).encode(),
    "two header lines": lambda rows: text([HEADER, ["text", "ISO", "text", "EUR"], *rows]).encode(),
    "duplicate column names": lambda rows: text(
        [["customer_id", "date", "date", "amount"], *rows]
    ).encode(),
    "nameless columns": lambda rows: text([["customer_id", "date", "", "amount"], *rows]).encode(),
    "title above the header": lambda rows: b"Orders of 2023\n" + text([HEADER, *rows]).encode(),
    "empty lines above": lambda rows: b"\n\n" + text([HEADER, *rows]).encode(),
    "footnote below": lambda rows: text([HEADER, *rows]).encode() + b"* end of export\n",
    "empty file": lambda _rows: b"",
    "header only": lambda _: text([HEADER]).encode(),
    "one row": lambda rows: text([HEADER, rows[0]]).encode(),
    "delimiter ;": lambda rows: text([HEADER, *rows], mark=";").encode(),
    "delimiter tab": lambda rows: text([HEADER, *rows], mark="\t").encode(),
    "delimiter |": lambda rows: text([HEADER, *rows], mark="|").encode(),
    "delimiter blank": lambda rows: text([HEADER, *rows], mark=" ").encode(),
    "two-character delimiter": lambda rows: text([HEADER, *rows], mark=", ").encode(),
    "delimiter of one row differs": _at(9, lambda line: line.replace(",", ";")),
    "single quotes": lambda rows: text([HEADER, *rows], quote="'").encode(),
    "quote in one cell not closed": lambda rows: _lines(
        rows, lambda n, line: line.replace(rows[8][2] + ",", '"open,') if n == 9 else line
    ),
    "escaped quotes": lambda rows: _with_note(rows, 'a "big" one', esc="\\"),
    "doubled quotes": lambda rows: _with_note(rows, 'a "big" one'),
    "line breaks in cells": lambda rows: _with_note(rows, "two\nlines"),
    "CRLF": lambda rows: text([HEADER, *rows], end="\r\n").encode(),
    "CR": lambda rows: text([HEADER, *rows], end="\r").encode(),
    "line ends mixed": lambda rows: _lines(
        rows, lambda n, line: line.replace("\n", "\r\n") if n % 2 else line
    ),
    "no last line end": lambda rows: text([HEADER, *rows]).rstrip("\n").encode(),
    "one row with a cell too many": _at(9, lambda line: line.replace("\n", ",extra\n")),
    "one row with a cell too few": _at(9, lambda line: line.rsplit(",", 1)[0] + "\n"),
    "trailing delimiter in every row": lambda rows: _lines(
        rows, lambda n, line: line.replace("\n", ",\n") if n else line
    ),
    "blank lines between": lambda rows: _lines(
        rows, lambda n, line: line + ("\n" if n % 7 == 0 else "")
    ),
    "NUL byte in a cell": lambda rows: _with_note(rows, "a\x00b"),
    "spaces around cells": lambda rows: text(
        [HEADER, *([f" {cell} " for cell in row] for row in rows)]
    ).encode(),
}  # fmt: skip


def intake(data: bytes) -> tuple[list[Truth], str]:
    """Read with the defaults of the intake; return its rows, and what it said."""
    try:
        raw = read_raw(data)
        read = validate(raw, _mapping(raw))
    except ClvError as error:
        return [], f"refused: {error.code}"
    rows = zip(*(read.lines[name].to_pylist() for name in (CUSTOMER, DATE, AMOUNT)), strict=True)
    quality = read.quality
    said = sorted({*(notice.code for notice in quality.warnings), *quality.rows_dropped})
    return list(rows), ", ".join(said)


def _mapping(raw: RawTable) -> Mapping:
    """Return the columns by name, by place where there are no names, or as they are guessed."""
    names = raw.columns
    if "customer_id" in names and "amount" in names:
        return MAPPING
    if len(names) == len(HEADER):
        return Mapping(customer_id=names[0], date=names[1], amount=names[3])
    return guess_mapping(raw).mapping


def by_pandas(data: bytes) -> tuple[list[Truth], str]:
    """Read with the defaults of pandas."""
    try:
        return _taken(pd.read_csv(io.BytesIO(data))), ""
    except (ValueError, UnicodeError, pd.errors.ParserError) as error:
        return [], f"refused: {type(error).__name__}"


def by_duckdb(data: bytes) -> tuple[list[Truth], str]:
    """Read with the defaults of DuckDB."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        file.write_bytes(data)
        try:
            with duckdb.connect() as database:
                frame = database.execute("SELECT * FROM read_csv($1)", [str(file)]).df()
            return _taken(frame), ""
        except duckdb.Error as error:
            return [], f"refused: {type(error).__name__}"


def _taken(frame: pd.DataFrame) -> list[Truth]:
    """Take customer, day and amount by their places, generously converted."""
    if frame.shape[1] < 4:
        return []
    rows = []
    for who, when, paid in zip(frame.iloc[:, 0], frame.iloc[:, 1], frame.iloc[:, 3], strict=True):
        day = pd.to_datetime(when, errors="coerce")
        amount = pd.to_numeric(paid, errors="coerce")
        if not pd.isna(day) and not pd.isna(amount):
            rows.append((str(who).strip(), day.date(), float(amount)))
    return rows


READERS = {"intake": intake, "pandas": by_pandas, "duckdb": by_duckdb}


def score(found: list[Truth], truth: list[Truth]) -> tuple[int, int]:
    """Return how many true rows were found, and how many rows are not true."""
    left = list(truth)
    wrong = 0
    for row in found:
        if row in left:
            left.remove(row)
        else:
            wrong += 1
    return len(truth) - len(left), wrong


def measured(seed: int = 0) -> pd.DataFrame:
    """Return right and wrong rows of every reader on every polluted file."""
    cells, truth = orders(seed)
    expected = {"empty file": [], "header only": [], "one row": truth[:1]}
    lines = []
    for name, pollute in POLLUTIONS.items():
        data, wanted = pollute(cells), expected.get(name, truth)
        line: dict[str, object] = {"pollution": name, "rows": len(wanted)}
        for reader, read in READERS.items():
            found, said = read(data)
            right, wrong = score(found, wanted)
            line |= {f"{reader} right": right, f"{reader} wrong": wrong}
            if reader == "intake":
                line["said"] = said
        lines.append(line)
    table = pd.DataFrame(lines).set_index("pollution")
    return table[[*table.columns.drop("said"), "said"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    table = measured(given.seed)
    whole = table["rows"].sum()
    cells = table.reset_index().astype(str)
    lines = [markdown(list(cells.columns), cells.to_numpy().tolist()), ""]
    for reader in READERS:
        right, wrong = table[f"{reader} right"].sum(), table[f"{reader} wrong"].sum()
        lines.append(
            f"{reader}: {right} of {whole} rows right ({right / whole:.1%}), {wrong} wrong"
        )
    report = "\n".join(lines) + "\n"
    sys.stdout.write(report)
    if given.out:
        given.out.write_text(report, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
