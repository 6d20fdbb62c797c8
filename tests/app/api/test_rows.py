"""Rows as people send them: under other names, with holes, with cells that are no values."""

from __future__ import annotations

import datetime as dt
import math

import httpx
import pytest
from pydantic.alias_generators import to_camel

from app.api.routes import CLIENT_FEATURES, CLIENT_FORECAST, CLIENT_RFM, FORECAST

NAIVE = {"model_type": "naive"}


@pytest.fixture(scope="module")
def plain(orders) -> list[dict]:
    """Orders without anything but our own names."""
    return [{name: row[name] for name in ("customer_id", "date", "amount")} for row in orders]


@pytest.fixture(scope="module")
def told(server, plain) -> dict:
    """What is forecast of them."""
    return asked(server, {"data": plain, **NAIVE}).json()


@pytest.fixture(scope="module")
def features(server, plain) -> dict:
    """What is known of their customers."""
    return asked(server, {"data": plain}, CLIENT_FEATURES).json()


def asked(server, body: dict, path: str = FORECAST) -> httpx.Response:
    with server.client() as client:
        return client.post(path, json=body)


def renamed(rows: list[dict], **names: str) -> list[dict]:
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


WRONG = {
    "missing_customer_id": [("customer_id", value) for value in ("", "   ", None)],
    "invalid_customer_id": [
        ("customer_id", v) for v in ("x" * 257, "a\nb", True, 1.5, {"id": 1}, ["A"], 2**60)
    ],
    "missing_date": [("date", value) for value in ("", " ", None, "NaN", "null")],
    "unreadable_date": [("date", v) for v in ("soon", "2024-02-30", False, {}, [2024])],
    "implausible_date": [("date", "0001-01-01")],
    "missing_amount": [("amount", value) for value in ("", " ", None, "n/a", "NaN")],
    "unreadable_amount": [("amount", v) for v in ("twelve", "1,2,3", True, {"v": 1}, [1])],
    "non_finite_amount": [("amount", v) for v in ("inf", "-Infinity")],
    "implausible_amount": [("amount", v) for v in (1e13, -1e13, "9" * 20)],
}  # fmt: skip
CELLS = [(reason, name, value) for reason, cells in WRONG.items() for name, value in cells]


@pytest.mark.parametrize(("reason", "name", "value"), CELLS)
def test_a_row_with_a_wrong_cell_is_left_out_and_counted(
    server, plain, features, reason, name, value
):
    bad = {**plain[7], "customer_id": "somebody else", name: value}
    body = {"data": [*plain[:7], bad, *plain[7:]]}
    answer = asked(server, body, CLIENT_FEATURES)
    assert answer.status_code == 200, answer.text
    assert answer.json()["customers"] == features["customers"]
    quality = answer.json()["data_quality"]
    assert quality["rows_dropped"][reason] == 1
    assert quality["rows_in"] == len(plain) + 1
    assert quality["rows_used"] == features["data_quality"]["rows_used"]
    refused = asked(server, {**body, "on_invalid": "refuse"}, CLIENT_FEATURES)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_ROWS")
    assert refused.json()["details"] == {
        "parameter": "data", "location": "body", "count": 1,
        "rows": [{"index": 7, "reason": reason}],
    }  # fmt: skip


def test_one_blank_id_in_fourteen_thousand_rows_costs_one_row(server):
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=n % 700) for n in range(14_000)]
    rows = [
        {"customer_id": f"c{n % 1900}", "date": day.isoformat(), "amount": 5.0 + n % 40}
        for n, day in enumerate(days)
    ]
    rows[9_000]["customer_id"] = " "
    quality = asked(server, {"data": rows}, CLIENT_FEATURES).json()["data_quality"]
    assert quality["rows_dropped"] == {"missing_customer_id": 1}
    assert (quality["rows_in"], quality["rows_used"]) == (14_000, 13_999)


def test_a_row_that_lacks_a_key_others_have_is_left_out(server, plain, told):
    without = {name: plain[0][name] for name in ("customer_id", "date")}
    said = asked(server, {"data": [*plain, without, {}], **NAIVE}).json()
    assert said["predictions"] == told["predictions"]
    assert said["data_quality"]["rows_dropped"] == {"missing_customer_id": 1, "missing_amount": 1}


def test_refusing_names_the_first_ten_rows_and_counts_all(server, plain):
    bad = [{**plain[0], "amount": None}] * 30
    for rows, first in (([*plain, *bad], len(plain)), (bad, 0)):
        refused = asked(server, {"data": rows, "on_invalid": "refuse", **NAIVE}).json()
        assert refused["code"] == "INVALID_ROWS"
        assert refused["details"]["count"] == 30
        assert refused["details"]["rows"] == [
            {"index": first + n, "reason": "missing_amount"} for n in range(10)
        ]
        assert refused["message"].startswith("30 rows cannot be read")
    fine = asked(server, {"data": plain, "on_invalid": "refuse", **NAIVE})
    assert fine.status_code == 200
    returned = [{**plain[0], "amount": -5.0}]
    refused = asked(server, {"data": returned, "on_invalid": "refuse"}).json()
    assert refused["code"] == "NO_USABLE_ROWS"  # it was read well


@pytest.mark.parametrize("path", [CLIENT_FORECAST, CLIENT_FEATURES, CLIENT_RFM])
def test_the_clients_addresses_leave_out_and_say_so_as_well(server, plain, path):
    rows = renamed(plain, customer_id="clientId", date="orderDate", amount="orderTotal")
    body = {"data": [*rows, {**rows[0], "clientId": ""}]}
    body |= NAIVE if path == CLIENT_FORECAST else {}
    quality = asked(server, body, path).json()["data_quality"]
    assert quality["rows_dropped"]["missing_customer_id"] == 1
    assert quality["columns"] == {
        "customer_id": "clientId", "date": "orderDate", "amount": "orderTotal",
    }  # fmt: skip
    refused = asked(server, {**body, "on_invalid": "refuse"}, path)
    assert refused.json()["details"]["rows"] == [
        {"index": len(rows), "reason": "missing_customer_id"}
    ]


NAMES = [
    ("email", "order_date", "total"),
    ("customer", "transaction_date", "order_total"),
    ("user_id", "created_at", "total_price"),
    ("client_id", "purchase_date", "revenue"),
    ("customer_number", "invoice_date", "net_amount"),
    ("id_cliente", "fecha_pedido", "importe"),
    ("kundennummer", "bestelldatum", "betrag"),
    ("codigo_cliente", "data_compra", "valor_total"),
    ("numero_client", "date_commande", "montant"),
]  # fmt: skip


@pytest.mark.parametrize("names", NAMES, ids=[names[0] for names in NAMES])
@pytest.mark.parametrize("spelled", [str, to_camel], ids=["snake", "camel"])
def test_keys_are_understood_as_the_columns_of_a_file(server, plain, features, names, spelled):
    keys = dict(zip(("customer_id", "date", "amount"), map(spelled, names), strict=True))
    answer = asked(server, {"data": renamed(plain, **keys)}, CLIENT_FEATURES)
    assert answer.status_code == 200, answer.text
    assert answer.json()["customers"] == features["customers"]
    assert answer.json()["data_quality"]["columns"] == keys


def test_our_own_names_are_said_in_our_own_spelling(server, plain, told):
    ours = {name: name for name in ("customer_id", "date", "amount")}
    assert told["data_quality"]["columns"] == ours
    camel = renamed(plain, customer_id="customerId")
    mixed = [row if n % 2 else plain[n] for n, row in enumerate(camel)]
    for rows in (camel, mixed):
        said = asked(server, {"data": rows, **NAIVE}).json()
        assert said | {"run_id": ""} == told | {"run_id": ""}
    half = [
        renamed([row], date="orderDate" if n % 3 else "order_date")[0]
        for n, row in enumerate(plain)
    ]
    assert asked(server, {"data": half, **NAIVE}).json()["predictions"] == told["predictions"]


def test_other_keys_stay_attributes_and_pieces_count(server, plain, told):
    rows = [
        {"customerId": row["customer_id"], "orderDate": row["date"], "quantity": 2,
         "unitPrice": row["amount"] / 2, "salesChannel": "web" if n % 2 else "shop"}
        for n, row in enumerate(plain)
    ]  # fmt: skip
    answer = asked(server, {"data": rows, "cohort_by": "salesChannel", **NAIVE})
    assert answer.status_code == 200, answer.text
    quality = answer.json()["data_quality"]
    assert quality["columns"] == {
        "customer_id": "customer_id", "date": "orderDate", "amount": "unitPrice",
        "quantity": "quantity",
    }  # fmt: skip
    assert "AMOUNT_IS_PRODUCT" in {warning["code"] for warning in quality["warnings"]}
    money = answer.json()["totals"]["historical_value"]
    assert math.isclose(money, told["totals"]["historical_value"], rel_tol=1e-6)
    # a key that was asked for as a cohort is not taken for anything else
    kept = [{**row, "ticket": f"t{n % 3}"} for n, row in enumerate(plain)]
    answer = asked(server, {"data": kept, "cohort_by": "ticket", **NAIVE})
    assert answer.status_code == 200
    assert "order_id" not in answer.json()["data_quality"]["columns"]


def test_what_rows_say_of_themselves_counts_as_in_a_file(server, plain):
    ordered = [{**row, "orderId": f"o{n}"} for n, row in enumerate(plain)]
    known = asked(server, {"data": ordered}, CLIENT_FEATURES).json()["customers"]
    failed = [{**row, "status": "paid"} for row in ordered]
    failed += [{**row, "status": "cancelled", "orderId": f"x{n}"} for n, row in enumerate(plain)]
    marked = [{**row, "cancelled": False} for row in ordered]
    marked += [{**row, "cancelled": True, "orderId": f"x{n}"} for n, row in enumerate(plain)]
    back = [{**row, "refundedAmount": row["amount"] * (n < 40)} for n, row in enumerate(ordered)]
    for rows, left_out in ((failed, len(plain)), (marked, len(plain)), (back, 0)):
        said = asked(server, {"data": rows}, CLIENT_FEATURES).json()
        quality = said["data_quality"]
        if left_out:
            assert said["customers"] == known
            assert quality["rows_dropped"] == {"cancelled": left_out}
        else:
            assert quality["columns"]["refunded"] == "refundedAmount"
            kept = sum(row["amount"] for row in plain[40:])
            assert quality["amount_used"] == pytest.approx(kept, rel=1e-9)
    lines = [
        {"customerId": row["customer_id"], "orderDate": row["date"], "orderId": f"o{n}",
         "orderTotal": row["amount"], "product": f"p{piece}"}
        for n, row in enumerate(plain) for piece in range(2)
    ]  # fmt: skip
    said = asked(server, {"data": lines}, CLIENT_FEATURES).json()
    assert said["customers"] == known
    assert said["data_quality"]["rows_dropped"] == {"repeated_total": len(plain)}


def test_amounts_and_dates_as_other_programs_write_them(server, plain, told):
    comma = [{**row, "amount": f"{row['amount']:.2f}".replace(".", ",") + " €"} for row in plain]
    epoch = [
        {**row, "date": int(dt.datetime.fromisoformat(row["date"] + "T12:00Z").timestamp() * 1000)}
        for row in plain
    ]
    mixed = [
        {**row, "amount": str(row["amount"]) if n % 2 else row["amount"]}
        for n, row in enumerate(plain)
    ]
    for rows in (comma, epoch, mixed):
        answer = asked(server, {"data": rows, **NAIVE})
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert said["data_quality"]["rows_dropped"] == told["data_quality"]["rows_dropped"]
        for name in ("historical_value", "predicted_future_value"):
            assert said["totals"][name] == pytest.approx(told["totals"][name], rel=1e-9)


@pytest.mark.parametrize(
    ("row", "role"),
    [
        ({"date": "2024-01-31", "amount": 1.0}, "customer_id"),
        ({"email": "a@b.de", "total": 1.0}, "date"),
        ({"email": "a@b.de", "order_date": "2024-01-31", "score": 5}, "amount"),
        ({"id": "17", "order_date": "2024-01-31", "total": 5}, "customer_id"),
        ({}, "customer_id"),
    ],
)
def test_a_role_nothing_is_named_after_is_a_missing_parameter(server, row, role):
    refused = asked(server, {"data": [row] * 3}).json()
    assert refused["code"] == "MISSING_PARAMETER"
    assert refused["details"] == {"parameter": role, "location": "data"}
    assert refused["message"] == f"Required parameter '{role}' is missing"


def test_summaries_sent_as_orders_are_pointed_to_customer_data(server, summaries):
    for rows in (
        summaries,
        renamed(summaries, customer_id="id", recency_days="Recency", total_revenue="Monetary"),
        [{"customer_id": s["customer_id"], "last_purchase": "2024-03-01", "frequency": 3,
          "monetary": 9.5} for s in summaries],
    ):  # fmt: skip
        for path in (FORECAST, CLIENT_FORECAST, CLIENT_RFM):
            refused = asked(server, {"data": rows}, path).json()
            assert refused["code"] == "SUMMARIES_NOT_ORDERS"
            assert "customer_data" in refused["message"]


def test_many_shapes_and_many_keys_end_soon(server):
    many = [{f"k{n}": 1 for n in range(50_000)}]
    refused = asked(server, {"data": many}).json()
    assert (refused["code"], refused["details"]["parameter"]) == ("OUT_OF_RANGE", "data")
    shapes = [{"customer_id": "A", f"key{n}": 1} for n in range(20_000)]
    assert asked(server, {"data": shapes}).json()["code"] == "OUT_OF_RANGE"
