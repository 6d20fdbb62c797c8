"""Which column of a file means what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from clvcore.records.columns import CUSTOMERS_FRAME, RESERVED, SNAPSHOT_FEATURES
from clvcore.records.errors import MappingError

DECIMALS = (".", ",")
DATE_ORDERS = ("ymd", "dmy", "mdy")
ROLES = ("customer_id", "date", "amount", "quantity", "order_id", "status", "refunded")
REQUIRED = ("customer_id", "date", "amount")
ELSEWHERE = ("customer", "day", "month", "quarter", "year", "attribute", "units")
TAKEN = frozenset(
    name.casefold() for name in (*RESERVED, *CUSTOMERS_FRAME, *SNAPSHOT_FEATURES, *ELSEWHERE)
)


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """What each column of a raw table means; hashable, and free of contradictions.

    Parameters
    ----------
    customer_id, date, amount
        Columns that hold who bought, when, and for how much.
    order_id
        Column that links the lines of one order, and a refund to its purchase.
    quantity
        Column of pieces; ``amount`` is then the price of one piece and both are multiplied.
    attributes
        Columns to keep for cohorts, such as a channel or a country.
    decimal
        Decimal mark of the numbers, ``.`` or ``,``; None: told from all rows.
    date_order
        ``ymd``, ``dmy`` or ``mdy`` for dates in numbers; None: told from all rows.
    email
        Column of e-mail addresses (it may be the customer's too), kept for lists that a person
        or a mailing tool reads; never logged, and no model sees it.
    preset
        Name of the platform whose export this is; its lines are then read as that export means
        them, see ``clvcore.ingest.presets``.
    status
        Column that says which rows are no sale: a state such as "failed", or a mark or a date of
        cancellation. They are left out and counted.
    refunded
        Column of money given back of the row's own amount; it is taken off.
    order_total
        ``amount`` is the total of a whole order, written again on each of its lines; it is
        counted once for each ``order_id``.
    include_tax, include_shipping
        Whether amounts include them, where the export of the preset states them apart; None:
        they do, because that is what customers paid.

    Raises
    ------
    MappingError
        If a column has two roles, or a setting is not one of its choices.
    """

    customer_id: str
    date: str
    amount: str
    order_id: str | None = None
    quantity: str | None = None
    attributes: tuple[str, ...] = ()
    decimal: str | None = None
    date_order: str | None = None
    email: str | None = None
    preset: str | None = None
    include_tax: bool | None = None
    include_shipping: bool | None = None
    status: str | None = None
    refunded: str | None = None
    order_total: bool = False

    def __post_init__(self) -> None:
        """Check what can be checked without the table."""
        object.__setattr__(self, "attributes", tuple(self.attributes))
        _choice("decimal", self.decimal, DECIMALS)
        _choice("date_order", self.date_order, DATE_ORDERS)
        seen: dict[str, str] = {}
        for role, column in self.roles():
            if column in seen:
                raise MappingError(
                    "COLUMN_USED_TWICE",
                    "Column {column!r} is mapped to {first} and to {second}. Give each role its "
                    "own column.",
                    column=column, first=seen[column], second=role,
                )  # fmt: skip
            seen[column] = role
        _check_attributes(self.attributes)
        self._check_extras()

    def _check_extras(self) -> None:
        """Check the e-mail column, and choices that mean something with a preset only."""
        taken = [name.casefold() for name in self.attributes]
        if self.email is not None and (self.email in self.attributes or "email" in taken):
            raise MappingError(
                "EMAIL_KEPT_TWICE",
                "Column {column!r} is kept for lists already. Take the e-mail addresses off the "
                "columns kept for cohorts.",
                column=self.email,
            )
        if self.preset is not None and (self.status or self.refunded or self.order_total):
            raise MappingError(
                "PRESET_READS_STATUS",
                "The preset {preset} says itself which orders count and how much was refunded. "
                "Leave the status, the refunds and the order total to it, or leave the preset out.",
                preset=self.preset,
            )
        if self.order_total and self.order_id is None:
            raise MappingError(
                "ORDER_TOTAL_NEEDS_ORDER",
                "An order's total can be counted once only if the orders are known. Name the "
                "column of order numbers as order_id.",
            )
        for name in ("include_tax", "include_shipping"):
            if getattr(self, name) is not None and self.preset is None:
                raise MappingError(
                    "CHOICE_NEEDS_PRESET",
                    "{name} can be chosen for exports of known platforms only. Map the column "
                    "that holds the amount you want, or name the preset.",
                    name=name,
                )

    def roles(self) -> list[tuple[str, str]]:
        """Return (role, column) of every column in use, attributes last, e-mail left out."""
        mapped = [(role, getattr(self, role)) for role in ROLES]
        named = [(role, column) for role, column in mapped if column is not None]
        return named + [("attributes", column) for column in self.attributes]

    def check_columns(self, found: Iterable[str]) -> None:
        """Raise MappingError unless every column in use is one of ``found``."""
        columns = tuple(found)
        for role, column in self.roles():
            if column not in columns:
                raise unknown_column(role, column, columns)
        if self.email is not None and self.email not in columns:
            raise unknown_column("email", self.email, columns)

    def to_dict(self) -> dict[str, Any]:
        """Return the mapping as JSON types."""
        return asdict(self) | {"attributes": list(self.attributes)}

    @classmethod
    def from_dict(cls, mapping: dict[str, Any]) -> Mapping:
        """Rebuild from ``to_dict``; raises MappingError for a role that does not exist."""
        check_roles(mapping)
        missing = [role for role in REQUIRED if mapping.get(role) is None]
        if missing:
            raise MappingError(
                "ROLE_MISSING",
                "The mapping does not say which column holds {roles}. Add it.",
                roles=", ".join(missing),
            )
        return cls(**mapping)


def check_roles(mapping: dict[str, Any]) -> None:
    """Raise MappingError if ``mapping`` has a key that is no role or setting."""
    known = [field.name for field in fields(Mapping)]
    if unknown := sorted(set(mapping) - set(known)):
        raise MappingError(
            "UNKNOWN_ROLE",
            "{unknown} is not part of a mapping. Use: {known}.",
            unknown=", ".join(unknown), known=", ".join(known),
        )  # fmt: skip


def unknown_column(role: str, column: str, found: Iterable[str]) -> MappingError:
    """Say that ``column`` is not in the file, and what is."""
    return MappingError(
        "UNKNOWN_COLUMN",
        "The file has no column {column!r} for {role}. Columns found: {found}.",
        column=column, role=role, found=", ".join(found),
    )  # fmt: skip


def may_be_attribute(column: str) -> bool:
    """Tell whether a column may keep its name beside those of the forecast."""
    return column.casefold() not in TAKEN


def _check_attributes(attributes: tuple[str, ...]) -> None:
    folded = [column.casefold() for column in attributes]
    for number, column in enumerate(attributes):
        if not may_be_attribute(column) or folded.index(folded[number]) != number:
            raise MappingError(
                "ATTRIBUTE_NAME_TAKEN",
                "Column {column!r} cannot be kept for cohorts under this name: it is used for "
                "something else. Rename the column in the file.",
                column=column,
            )


def _choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise MappingError(
            "UNKNOWN_CHOICE",
            "{name} must be one of {choices}, got {value!r}.",
            name=name, choices=" ".join(choices), value=value,
        )  # fmt: skip
