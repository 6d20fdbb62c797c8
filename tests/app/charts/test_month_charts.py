"""Orders, revenue and who came back, month by month."""

from __future__ import annotations

import pandas as pd
import pytest

from app.charts.drawing import MOST_MARKS, Canvas, marks
from app.charts.new_and_returning import new_and_returning
from app.charts.orders_by_month import orders_by_month
from app.charts.quality import quality
from app.charts.theme import DARK, LIGHT
from app.services.checks import figures
from app.words.text import LANGUAGES, words_for
from clvcore.ingest import Mapping, read_raw, read_transactions, validate
from clvcore.ingest.options import IngestOptions

ORDERS = b"""customer_id,date,amount
A,2023-11-05,10
A,2023-11-05,5
B,2023-11-30,20
A,2024-01-01,40
C,2024-01-31,2
C,2024-02-29,8
B,2024-02-01,-20
"""
DRAW = {"orders": orders_by_month, "new": new_and_returning}


def canvas(language="en", colors=LIGHT):
    return Canvas(words_for(language), colors, "EUR")


@pytest.fixture(scope="module")
def months():
    return figures(read_transactions(ORDERS)).months


def test_every_month_is_there_and_adds_up(months):
    assert months["month"].dt.strftime("%Y-%m").tolist() == [
        "2023-11", "2023-12", "2024-01", "2024-02",
    ]  # fmt: skip
    assert months["revenue"].tolist() == [35.0, 0.0, 42.0, 8.0]
    assert months["orders"].tolist() == [2, 0, 2, 1]
    assert months["new"].tolist() == [2, 0, 1, 0]
    assert months["returning"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_words_table_and_few_marks(draw, colors, language, months):
    drawing = draw(months, canvas=canvas(language, colors))
    assert all((drawing.name, drawing.title, drawing.subtitle, drawing.alt))
    assert len(drawing.table) == len(months)
    assert drawing.figure.layout.height == drawing.height
    assert 0 < marks(drawing.figure) <= MOST_MARKS
    assert "nan" not in drawing.alt.casefold()


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_a_single_month_and_thirty_years_can_be_drawn(draw, months):
    assert len(draw(months.head(1), canvas=canvas()).table) == 1
    many = pd.concat([months] * 100, ignore_index=True)
    many["month"] = pd.date_range("1990-01-01", periods=len(many), freq="MS")
    assert len(draw(many, canvas=canvas()).table) == 36


def test_the_titles_say_what_was_found(months):
    assert orders_by_month(months, canvas=canvas()).title == (
        "The strongest month was Jan 2024, with €42"
    )
    assert new_and_returning(months, canvas=canvas()).title.startswith("Of a month’s buyers, 67%")


def test_the_bars_hold_the_months_they_stand_for(months):
    revenue, orders = orders_by_month(months, canvas=canvas()).figure.data
    assert (list(revenue.y), list(orders.y)) == ([35.0, 0.0, 42.0, 8.0], [2, 0, 2, 1])
    returning, new = new_and_returning(months, canvas=canvas()).figure.data
    assert (list(returning.y), list(new.y)) == ([0, 0, 1, 1], [2, 0, 1, 0])


def test_what_the_options_take_away_is_a_step_of_the_waterfall():
    mapping = Mapping(customer_id="customer_id", date="date", amount="amount")
    options = IngestOptions(winsorize_at=0.8, last_date="2024-01-31")
    report = validate(read_raw(ORDERS), mapping, options=options).quality
    steps = quality(report, canvas=canvas()).table
    assert steps["Step"].tolist() == [
        "In the file", "Outside the days chosen", "Largest amounts cut", "Used",
    ]  # fmt: skip
    assert steps["Rows"].tolist() == ["7", "−2", "0", "5"]
