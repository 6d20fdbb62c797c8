"""The options that say which column is which, the same for every command that reads orders."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from clvcore.cli.orders import NamedColumns

CustomerColumn = Annotated[str | None, typer.Option(help="Column of the customer.")]
DateColumn = Annotated[str | None, typer.Option(help="Column of the day of the order.")]
AmountColumn = Annotated[str | None, typer.Option(help="Column of the amount.")]
QuantityColumn = Annotated[
    str | None, typer.Option(help="Column of pieces; the amount is then the price of one.")
]
OrderColumn = Annotated[str | None, typer.Option(help="Column of the order number.")]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark of the amounts: . or ,")]
DateOrder = Annotated[str | None, typer.Option(help="Order of the dates: ymd, dmy or mdy.")]


def names_columns(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command`` these options in the place of its keyword ``named: NamedColumns``."""
    own, options = _parameters(command), _parameters(_named)
    place = list(own).index("named")
    before, after = list(own.values())[:place], list(own.values())[place + 1 :]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        named = _named(**{name: given.pop(name) for name in options})
        command(named=named, **given)

    # typer reads the options of a command off its signature
    signature = inspect.Signature([*before, *options.values(), *after])
    with_options.__signature__ = signature  # type: ignore[attr-defined]
    return with_options


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function, eval_str=True).parameters)


def _named(
    *,
    customer_column: CustomerColumn = None,
    date_column: DateColumn = None,
    amount_column: AmountColumn = None,
    quantity_column: QuantityColumn = None,
    order_column: OrderColumn = None,
    decimal: Decimal = None,
    date_order: DateOrder = None,
) -> NamedColumns:
    return NamedColumns(
        customer_id=customer_column,
        date=date_column,
        amount=amount_column,
        quantity=quantity_column,
        order_id=order_column,
        decimal=decimal,
        date_order=date_order,
    )
