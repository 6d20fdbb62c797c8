"""The options of every command that reads orders: which column is which, and what to leave out."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from clvcore.cli.orders import Choices, NamedColumns

CustomerColumn = Annotated[str | None, typer.Option(help="Column of the customer.")]
DateColumn = Annotated[str | None, typer.Option(help="Column of the day of the order.")]
AmountColumn = Annotated[str | None, typer.Option(help="Column of the amount.")]
QuantityColumn = Annotated[
    str | None, typer.Option(help="Column of pieces; the amount is then the price of one.")
]
OrderColumn = Annotated[str | None, typer.Option(help="Column of the order number.")]
StatusColumn = Annotated[
    str | None,
    typer.Option(help='Column that says which rows are no sale; "" reads none as that.'),
]
RefundedColumn = Annotated[
    str | None, typer.Option(help='Column of money given back; "" reads none as that.')
]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark of the amounts: . or ,")]
DateOrder = Annotated[str | None, typer.Option(help="Order of the dates: ymd, dmy or mdy.")]
IncludeTax = Annotated[
    bool | None, typer.Option(help="Count tax, where a known platform's export states it apart.")
]
IncludeShipping = Annotated[
    bool | None, typer.Option(help="Count shipping, where such an export states it apart.")
]

HeaderRow = Annotated[
    int | None,
    typer.Option(metavar="LINE", help="Line that names the columns; 0 if none does."),
]
Sheet = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Sheet of a workbook, or file in a ZIP, to read."),
]
Currency = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="Currency of the amounts, such as EUR; of a file with several, the one to use.",
    ),
]
FirstDate = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="First day to use; the ledger counts what is earlier."),
]
LastDate = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Last day to use; the ledger counts what is later."),
]
DropDuplicates = Annotated[
    bool, typer.Option("--drop-duplicates", help="Leave out rows that repeat an earlier one.")
]
ZeroAmounts = Annotated[
    str, typer.Option(metavar="keep|drop", help="Keep or drop rows with an amount of 0.")
]
WinsorizeAt = Annotated[
    float | None,
    typer.Option(metavar="QUANTILE", help="Cut amounts beyond this quantile, such as 0.99."),
]


def reads_orders(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command`` these options in the place of its keywords ``named`` and ``choices``."""
    groups: dict[str, Callable[..., Any]] = {"named": _named, "choices": _choices}
    own = _parameters(command)
    spread = [
        option
        for name, parameter in own.items()
        for option in (_parameters(groups[name]).values() if name in groups else [parameter])
    ]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        for keyword, group in groups.items():
            given[keyword] = group(**{name: given.pop(name) for name in _parameters(group)})
        command(**given)

    # typer reads the options of a command off its signature
    with_options.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
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
    status_column: StatusColumn = None,
    refunded_column: RefundedColumn = None,
    decimal: Decimal = None,
    date_order: DateOrder = None,
    include_tax: IncludeTax = None,
    include_shipping: IncludeShipping = None,
) -> NamedColumns:
    return NamedColumns(
        customer_id=customer_column,
        date=date_column,
        amount=amount_column,
        quantity=quantity_column,
        order_id=order_column,
        status=status_column,
        refunded=refunded_column,
        decimal=decimal,
        date_order=date_order,
        include_tax=include_tax,
        include_shipping=include_shipping,
    )


def _choices(
    *,
    header_row: HeaderRow = None,
    sheet: Sheet = None,
    currency: Currency = None,
    first_date: FirstDate = None,
    last_date: LastDate = None,
    drop_duplicates: DropDuplicates = False,
    zero_amounts: ZeroAmounts = "keep",
    winsorize_at: WinsorizeAt = None,
) -> Choices:
    return Choices(
        header_row=header_row,
        sheet=sheet,
        currency=currency,
        first_date=first_date,
        last_date=last_date,
        drop_exact_duplicates=drop_duplicates,
        zero_amounts=zero_amounts,
        winsorize_at=winsorize_at,
    )
