"""``clv check``: what the orders can carry, and which columns were understood."""

from __future__ import annotations

import pandas as pd
import pytest

from clvcore.sample import sample_orders


def test_check_says_what_the_orders_can_carry(clv, strict_json, shop):
    done = clv("check", shop, "--json")
    assert done.exit_code == 0
    result = strict_json(done.stdout)
    frame = pd.read_csv(shop, dtype=str)
    assert result["quality"]["rows_in"] == len(frame)
    assert result["mapping"]["date"] == "order_date"
    assert result["enough_history"] is True
    assert [finding["code"] for finding in result["findings"]] == ["HISTORY_TESTABLE", "CAME_BACK"]
    page = clv("check", shop)
    assert page.exit_code == 0
    assert f"{result['customers']:,} customers" in page.stdout
    assert f"{result['quality']['rows_in']:,}" in page.stdout


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([("C1", 0, 1), ("C2", 100, 1)], ["HISTORY_TOO_SHORT", "NOBODY_CAME_BACK"]),
        ([("C1", 0, 1), ("C1", 190, 1)], ["HISTORY_UNTESTABLE", "CAME_BACK"]),
        ([("C1", 0, 1), ("C1", 0, 2), ("C2", 400, 1)], ["HISTORY_TESTABLE", "NOBODY_CAME_BACK"]),
    ],
)
def test_check_judges_small_logs(clv, strict_json, orders, rows, codes, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders.text(rows))
    result = strict_json(clv("check", path, "--json").stdout)
    assert [finding["code"] for finding in result["findings"]] == codes


def test_columns_named_by_the_user_win(clv, strict_json, tmp_path):
    path = tmp_path / "export.csv"
    frame = sample_orders(120, seed=1)
    frame = frame.rename(
        columns={"customer_id": "k", "order_date": "t", "amount": "z", "order_id": "n"}
    )
    frame.to_csv(path, index=False)
    options = ["--customer-column", "k", "--date-column", "t", "--amount-column", "z"]
    done = clv("check", path, *options, "--order-column", "n", "--json")
    assert done.exit_code == 0, done.stderr
    mapping = strict_json(done.stdout)["mapping"]
    assert (mapping["customer_id"], mapping["date"], mapping["amount"], mapping["order_id"]) == (
        "k", "t", "z", "n",
    )  # fmt: skip
