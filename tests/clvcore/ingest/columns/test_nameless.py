"""A file without a line of names whose customers are numbers is read where one reading is left."""

import pytest
from shop import shop, text, total
from tables import codes

from clvcore.ingest import guess_mapping, read_raw, read_transactions
from clvcore.records.errors import MappingError

ORDERS = [(int(who[1:]), day, amount) for who, day, amount in shop(80, 15)]
DAYS = {
    "ISO": lambda day: day.isoformat(),
    "German": lambda day: f"{day:%d.%m.%Y}",
    "compact": lambda day: f"{day:%Y%m%d}",
}
ROWS = {
    "customer, day, amount": lambda _, who, day, amount: (who, day, amount),
    "amount first": lambda _, who, day, amount: (amount, who, day),
    "long numbers": lambda _, who, day, amount: (100_234_000 + who, day, amount),
    "an order's number": lambda n, who, day, amount: (70_000 + n, who, day, amount),
    "pieces": lambda n, who, day, amount: (who, 1 + n % 3, day, amount),
    "order and pieces": lambda n, who, day, amount: (n + 1, day, who, 1 + n % 4, amount),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("first", [0, 1_001])
def test_customers_that_are_numbers_are_found(row, day, first):
    rows = [row(n, first + who, day(when), amount) for n, (who, when, amount) in enumerate(ORDERS)]
    quality = read_transactions(text(rows, ";").encode()).quality
    assert quality.rows_used == len(ORDERS)
    assert quality.amount_used == pytest.approx(total(ORDERS))
    assert quality.customers_used == len({who for who, *_ in ORDERS})
    assert "NO_HEADER_LINE" in codes(quality.warnings)


@pytest.mark.parametrize(
    "row",
    [
        lambda n, who, day, _: (who, day, 100 * (1 + n % 50)),  # two whole numbers
        lambda n, who, day, amount: (who, n % 7 * 11, day, amount),  # two that repeat
        lambda _, who, day, amount: (who, day, amount, amount / 2),  # two of money
        lambda n, who, day, amount: (who, f"Buyer {who}", day, amount, "gift" * (n % 2)),
        lambda n, who, day, amount: (("web", "shop")[n % 2], day, amount, f"{who:09}"),
    ],
    ids=["no cents", "two that repeat", "two of money", "texts", "a channel"],
)
def test_where_two_could_be_meant_it_is_a_question(row):
    rows = [row(n, who, day.isoformat(), amount) for n, (who, day, amount) in enumerate(ORDERS)]
    with pytest.raises(MappingError) as caught:
        read_transactions(text(rows).encode())
    assert caught.value.code == "ROLE_NOT_FOUND"


def test_a_guess_by_values_alone_is_said_and_pieces_are_doubted():
    rows = "\n".join(
        f"{3 + n % 40}.47;{1_000_000 + n % 9};{1 + n % 28:02}/0{1 + n % 9}/2024;{1 + n % 12}"
        for n in range(60)
    )
    guess = guess_mapping(read_raw(rows.encode()))
    assert guess.mapping.customer_id == "column 2"
    assert [note.code for note in guess.notes] == ["COLUMNS_BY_VALUES", "PIECES_POSSIBLE"]
    assert guess.notes[1].values == {"column": "column 4", "amount": "column 1"}


def test_a_lone_text_beside_numbers_that_come_again_is_a_question():
    rows = "\n".join(
        f"B{n:05};{100 + n % 9};2024-0{1 + n % 9}-{1 + n % 28:02};{n + 1}.25" for n in range(60)
    )
    with pytest.raises(MappingError) as refused:
        guess_mapping(read_raw(rows.encode()))
    assert refused.value.values["role"] == "customer_id"
