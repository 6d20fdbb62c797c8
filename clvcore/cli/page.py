"""A page of sentences and tables on the terminal; nothing on it is read as markup."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clvcore.cli.console import printable

NARROWEST_PIPE = 100  # columns assumed where no terminal says how many there are


class Page:
    """Prints to stdout, as wide as the terminal."""

    def __init__(self) -> None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # a narrow code page is no reason to fail
        width = None if sys.stdout.isatty() else NARROWEST_PIPE
        self._console = Console(width=width, markup=False, highlight=False, emoji=False)

    def sentence(self, text: str) -> None:
        """Print a paragraph."""
        self._console.print(Text(printable(text)))

    def list(self, heading: str, sentences: Iterable[str]) -> None:
        """Print sentences under a heading, or nothing at all if there are none."""
        items = list(sentences)
        if not items:
            return
        self._heading(heading)
        for item in items:
            self._console.print(Padding(Text(f"- {printable(item)}"), (0, 0, 0, 2)))

    def table(
        self, heading: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, text: set[str]
    ) -> None:
        """Print a table; the columns named in ``text`` are set left, numbers right."""
        self._heading(heading)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=True, show_edge=False)
        for name in columns:
            justify = "left" if name in text else "right"
            table.add_column(Text(printable(name)), justify=justify, no_wrap=name not in text)  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._console.print(table)

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(printable(text), style="bold"))
