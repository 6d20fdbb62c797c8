"""One customer in sentences, in three languages."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from app.services.customers import CustomerInView
from app.words.customer import driver_labels, driver_title, expectation, finding, history_title
from app.words.run_in_view import horizon_words
from clvcore.customer.drivers import ALIVE, PACE, SPEND

DAY = dt.date(2011, 6, 9)
SILENT = [
    "Bought until March, silent for 92 days since",
    "Compró hasta marzo; desde entonces, 92 días sin comprar",
    "Comprou até março; desde então, 92 dias sem comprar",
]


def _customer(**changes: object) -> CustomerInView:
    """Somebody who bought on ten days from 10 September 2010 to 9 March 2011."""
    row = {
        "last_purchase": pd.Timestamp("2011-03-09"), "frequency": 9, "recency": 180.0,
        "p_alive": 0.83, "risk": "active", "clv": 588.4, "clv_lower": 120.0, "clv_upper": 1500.0,
    } | changes  # fmt: skip
    drivers = pd.DataFrame(
        {"effect": [-0.9, 0.3, 0.1], "own": [0.2, 4.5, 50.0], "average": [0.6, 2.5, 40.0]},
        index=[ALIVE, PACE, SPEND],
    )
    return CustomerInView(
        id="4711", row=pd.Series(row), at_stake=0.0, cap=0.0, drivers=drivers,
        average=pd.Series(dtype="float64"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said", "titled"),
    [
        (
            {},
            [
                "Customer 4711 buys every 20 days, last in March: an 83% chance they are still "
                "with you.",
                "El cliente 4711 compra cada 20 días, la última vez en marzo: 83 % de "
                "probabilidad de que siga contigo.",
                "O cliente 4711 compra a cada 20 dias, a última vez em março: 83% de chance de "
                "que continue com você.",
            ],
            SILENT,
        ),
        (
            {"risk": "at_risk", "p_alive": 0.31},
            [
                "Customer 4711 bought every 20 days, then stopped in March: a 31% chance they are "
                "still with you.",
                "El cliente 4711 compraba cada 20 días y paró en marzo: 31 % de probabilidad de "
                "que siga contigo.",
                "O cliente 4711 comprava a cada 20 dias e parou em março: 31% de chance de que "
                "continue com você.",
            ],
            SILENT,
        ),
        (
            {"risk": "lost", "p_alive": 0.001},
            [
                "Customer 4711 bought every 20 days until March: only a <1% chance they are still "
                "with you.",
                "El cliente 4711 compró cada 20 días hasta marzo: solo <1 % de probabilidad de "
                "que siga contigo.",
                "O cliente 4711 comprou a cada 20 dias até março: só <1% de chance de que "
                "continue com você.",
            ],
            SILENT,
        ),
        (
            {"frequency": 0, "recency": 0.0, "p_alive": 0.5},
            [
                "Customer 4711 bought once, 92 days ago: a 50% chance they are still with you.",
                "El cliente 4711 compró una vez, hace 92 días: 50 % de probabilidad de que siga "
                "contigo.",
                "O cliente 4711 comprou uma vez, há 92 dias: 50% de chance de que continue com "
                "você.",
            ],
            [
                "One purchase, on 9 Mar 2011, and none since",
                "Una compra, el 9 mar 2011, y ninguna desde entonces",
                "Uma compra, em 9 mar 2011, e nenhuma desde então",
            ],
        ),
    ],
    ids=["active", "at risk", "lost", "once"],
)
def test_the_finding_and_the_time_line_say_how_somebody_buys(row, said, titled, in_three):
    customer = _customer(**row)
    assert in_three(lambda w: finding(w, customer, DAY)) == said
    assert in_three(lambda w: history_title(w, customer, DAY)) == titled


def test_what_to_expect_has_its_bounds_where_they_are_known(in_three):
    def expected(customer):
        return in_three(
            lambda w: expectation(
                w, customer, months=horizon_words(w, 12, None), level=0.95, currency="GBP"
            )
        )

    assert expected(_customer()) == [
        "If nothing changes, expect £588 over 12 months, between £120 and £1,500, 19 times out of "
        "20.",
        "Si nada cambia, espera 588 £ en 12 meses, entre 120 £ y 1.500 £, 19 veces de cada 20.",
        "Se nada mudar, espere £ 588 em 12 meses, entre £ 120 e £ 1.500, 19 vezes em 20.",
    ]
    assert expected(_customer(clv_lower=math.nan)) == [
        "If nothing changes, expect £588 over 12 months.",
        "Si nada cambia, espera 588 £ en 12 meses.",
        "Se nada mudar, espere £ 588 em 12 meses.",
    ]


def test_the_strongest_cause_is_named_with_both_figures(in_three):
    customer = _customer()
    assert in_three(lambda w: driver_title(w, customer.drivers, 92)) == [
        "92 days of silence weigh most",
        "92 días sin comprar son lo que más pesa",
        "92 dias sem comprar são o que mais pesa",
    ]
    assert in_three(lambda w: driver_labels(w, customer, 92, "GBP")[ALIVE]) == [
        "Silent 92 days: 20% still here (average 60%)",
        "92 días sin comprar: 20 % de seguir (media 60 %)",
        "92 dias sem comprar: 20% de seguir (média 60%)",
    ]
    assert in_three(lambda w: driver_labels(w, customer, 92, "GBP")[SPEND]) == [
        "£50 a purchase day (average £40)",
        "50 £ por día de compra (media 40 £)",
        "£ 50 por dia de compra (média £ 40)",
    ]
