"""Summaries of customers are told from orders, whatever they are called; orders never are."""

from __future__ import annotations

import pandas as pd
import pytest

from clvcore.ingest import read_raw, read_transactions
from clvcore.ingest.columns.summaries import refuse_summaries
from clvcore.records.errors import DataError

PEOPLE = 60


def table(**columns) -> pd.DataFrame:
    """One row per person; what is no list is made from the person's number."""
    return pd.DataFrame({name: [make(n) for n in range(PEOPLE)] for name, make in columns.items()})


def person(n):
    return f"c{n}"


def day(n):
    return f"2024-{n % 12 + 1:02}-{n % 27 + 1:02}"


def count(n):
    return n % 7 + 1


def money(n):
    return 12.5 * (n % 9 + 1)


SUMMARIES = {
    "ours": {"customer_id": person, "tenure_days": count, "total_revenue": money,
             "purchase_frequency": count, "recency_days": count},
    "camel": {"customerId": person, "recencyDays": count, "purchaseFrequency": count,
              "avgOrderValue": money},
    "lifetimes": {"customer_id": person, "frequency": count, "recency": count, "T": count,
                  "monetary_value": money},
    "letters": {"CustomerID": person, "R": count, "F": count, "M": money},
    "scores": {"id": person, "r_score": count, "f_score": count, "m_score": count},
    "last day": {"email": lambda n: f"a{n}@b.de", "last_order_date": day, "orders_count": count,
                 "total_spent": money},
    "customers of a shop": {"Customer ID": person, "First Name": lambda _: "A",
                            "Total Spent": money, "Total Orders": count},
    "both days": {"user": person, "first_purchase": day, "last_purchase": day,
                  "n_orders": count, "revenue": money},
    "one day for all": {"customer": person, "date": lambda _: "2024-06-30", "frequency": count,
                        "monetary": money},
    "days since": {"client": person, "days_since_last_order": count, "num_orders": count},
    "no name for him": {"who": person, "Recency": count, "Frequency": count, "Monetary": money},
    "spanish": {"id_cliente": person, "recencia": count, "frecuencia": count,
                "valor_monetario": money},
    "portuguese": {"cliente": person, "última compra": day, "quantidade de pedidos": count,
                   "total gasto": money},
    "german": {"Kundennummer": person, "Letzter Kauf": day, "Anzahl Bestellungen": count,
               "Gesamtumsatz": money},
    "french": {"client": person, "récence": count, "fréquence": count, "montant": money},
    "italian": {"cliente": person, "ultimo acquisto": day, "numero ordini": count,
                "totale speso": money},
    "russian": {"клиент": person, "давность": count, "частота": count, "деньги": money},
    "chinese": {"客户": person, "最近": count, "频率": count, "金额": money},
    "korean": {"고객": person, "최근성": count, "빈도": count, "금액": money},
    "arabic": {"العميل": person, "الحداثة": count, "التكرار": count, "القيمة": money},
}  # fmt: skip
ORDERS = {
    "plain": {"customer_id": person, "date": day, "amount": money},
    "everybody once": {"customer_id": person, "order_id": str, "date": day, "total": money,
                       "orders_count": count, "customer_since": day},
    "a plan called frequency": {"customer": person, "order date": day, "amount": money,
                                "frequency": lambda n: ("weekly", "monthly")[n % 2],
                                "last order": day},
    "a day's sums": {"customer": person, "day": day, "orders": count, "total revenue": money},
    "people who come back": {"customer_id": lambda n: f"c{n % 20}", "last_purchase": day,
                             "frequency": count, "recency": count, "monetary": money},
    "chinese": {"客户": person, "日期": day, "金额": money},
}  # fmt: skip


@pytest.mark.parametrize("kind", SUMMARIES)
@pytest.mark.parametrize("typed", [True, False], ids=["frame", "csv"])
def test_summaries_are_refused_and_their_columns_named(kind, typed):
    frame = table(**SUMMARIES[kind])
    raw = read_raw(frame if typed else frame.to_csv(index=False).encode())
    with pytest.raises(DataError) as refused:
        refuse_summaries(raw)
    error = refused.value
    assert error.code == "SUMMARIES_NOT_ORDERS"
    named = str(error).partition("(")[2].partition(")")[0].split(", ")
    assert set(named) <= set(frame.columns) - {frame.columns[0]}
    assert len(named) >= 2
    assert "customer_data" in str(error)


@pytest.mark.parametrize("kind", ORDERS)
@pytest.mark.parametrize("typed", [True, False], ids=["frame", "csv"])
def test_orders_are_left_alone(kind, typed):
    frame = table(**ORDERS[kind])
    refuse_summaries(read_raw(frame if typed else frame.to_csv(index=False).encode()))


def test_a_slip_among_many_customers_makes_no_orders_of_them():
    frame = pd.concat([table(**SUMMARIES["lifetimes"]).assign(k=k) for k in range(4)])
    frame["customer_id"] = frame["customer_id"] + frame.pop("k").astype(str)
    twice = pd.concat([frame, frame.head(1)])
    with pytest.raises(DataError):
        refuse_summaries(read_raw(twice))


@pytest.mark.parametrize(
    "header",
    ["customer_id,recency,frequency,monetary", "客户编号,最近,频率,金额",
     "customer,last_order,orders_count,total_spent", "id_cliente,recencia,frecuencia,monto"],
)  # fmt: skip
def test_a_file_of_summaries_is_no_file_of_orders_unless_all_columns_are_named(header):
    rows = [f"C{n},2024-03-{1 + n % 28:02},{1 + n % 7},{n * 3.5}" for n in range(80)]
    data = "\n".join([header, *rows]).encode()
    with pytest.raises(DataError) as refused:
        read_transactions(data)
    assert refused.value.code == "SUMMARIES_NOT_ORDERS"
    assert "customer_data" in str(refused.value)
    named = dict(zip(("customer_id", "date", "amount"), [header.split(",")[n] for n in (0, 1, 3)],
                     strict=True))  # fmt: skip
    assert read_transactions(data, mapping=named).quality.rows_used == 80
