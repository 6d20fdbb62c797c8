"""What is known about the export of one platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clvcore.ingest.presets.sheet import Lines, Sheet, find


def as_written(_: Sheet) -> Lines:
    """Leave every line as it stands."""
    return Lines()


@dataclass(frozen=True, kw_only=True)
class Preset:
    """An export that is recognized by its header and understood without a question.

    Names of columns are plain lower-case words as in ``Sheet``.

    Parameters
    ----------
    name, title
        How a mapping refers to it, and what people call it.
    source
        Address of the public page the header comes from.
    headers
        Columns a file must have, in any order and beside any others.
    customer_id, date, amount, order_id, quantity, email
        Columns with these roles.
    attributes
        Columns to keep for cohorts where the file has them.
    date_order
        Order of day and month where the rows themselves leave both readings open.
    tax, shipping
        Whether the export states them apart, so that they can be left out; both are counted
        unless a mapping says otherwise, because that is what customers paid.
    currency
        Column of currency codes, ignored on lines that are dropped.
    lines
        Pure function that says what the lines mean.
    """

    name: str
    title: str
    source: str
    headers: tuple[str, ...]
    customer_id: str
    date: str
    amount: str
    order_id: str
    quantity: str | None = None
    email: str | None = None
    attributes: tuple[str, ...] = ()
    date_order: str | None = None
    tax: bool = False
    shipping: bool = False
    currency: str | None = None
    lines: Callable[[Sheet], Lines] = as_written

    def missing(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns of the header that a file with ``columns`` lacks."""
        return tuple(name for name in self.headers if find(name, columns) is None)
