"""The weights of an ensemble: drawn for every member that has one, with a finding that holds."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from app.charts.drawing import MOST_MARKS, Canvas, marks
from app.charts.theme import DARK, LIGHT
from app.charts.weights import members, weights
from app.words.text import LANGUAGES, MODEL_NAMES, words_for
from clvcore.records.columns import WEIGHTS_FRAME

ENSEMBLE = {"lightgbm": 0.2, "seasonal_mbg": 0.58, "last_window": 0.02, "xgboost": 0.2, "ml": 0.0}


def _frame(shares: dict[str, float], kind: str = "all") -> pd.DataFrame:
    rows = [(name, kind, share) for name, share in shares.items()]
    return pd.DataFrame(rows, columns=list(WEIGHTS_FRAME))


def _canvas(language="en", colors=LIGHT) -> Canvas:
    return Canvas(words_for(language), colors, "EUR")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("shares", [ENSEMBLE, {"naive": 1.0}, dict.fromkeys(MODEL_NAMES, 1 / 17)])
def test_the_drawing_has_words_a_table_and_few_marks(shares, colors, language):
    drawing = weights(_frame(shares), canvas=_canvas(language, colors))
    assert all((drawing.name, drawing.title, drawing.subtitle, drawing.alt))
    assert len(drawing.table) == sum(share > 0 for share in shares.values())
    assert drawing.figure.layout.height == drawing.height
    assert 0 < marks(drawing.figure) <= MOST_MARKS
    json.loads(drawing.figure.to_json())


def test_members_without_weight_are_left_out_and_the_heaviest_comes_first():
    kept = members(_frame(ENSEMBLE))
    assert list(kept["model"]) == ["seasonal_mbg", "lightgbm", "xgboost", "last_window"]
    assert members(_frame({})).empty
    assert members(_frame(ENSEMBLE, kind="new")).empty


def test_each_bar_is_as_long_as_its_share_and_carries_its_name_and_number():
    bars, names, shares = weights(_frame(ENSEMBLE), canvas=_canvas("pt")).figure.data
    assert list(bars.x) == [0.58, 0.2, 0.2, 0.02]
    assert list(names.text) == [
        "MBG/NBD sazonal", "LightGBM", "XGBoost", "Gasto do último período",
    ]  # fmt: skip
    assert [text.strip() for text in shares.text] == [
        "<b>58%</b>", "<b>20%</b>", "<b>20%</b>", "<b>2%</b>",
    ]  # fmt: skip


def test_the_largest_share_and_its_words_stay_inside_the_axis():
    figure = weights(_frame(ENSEMBLE), canvas=_canvas()).figure
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.xaxis.range[1] > 0.58 * 1.1
    assert figure.layout.yaxis.range[0] > 3 + 0.2
    assert figure.layout.yaxis.range[1] < -0.5


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        (ENSEMBLE, "Seasonal MBG/NBD carries most of the weight"),
        (
            {"seasonal_mbg": 0.48, "lightgbm": 0.24, "xgboost": 0.24, "last_window": 0.04},
            "Seasonal MBG/NBD carries the largest part of the weight, 48%",
        ),
        ({"seasonal_mbg": 0.34, "xgboost": 0.33, "last_window": 0.33}, "Weight of each model"),
        ({"seasonal_mbg": 0.5, "xgboost": 0.5}, "Weight of each model"),
        ({"naive": 1.0}, "Weight of each model"),
    ],
)
def test_the_title_claims_only_what_the_numbers_hold(shares, title):
    assert weights(_frame(shares), canvas=_canvas()).title == title


def test_a_tiny_share_is_not_written_as_nothing():
    drawing = weights(_frame({"seasonal_mbg": 0.997, "last_window": 0.003}), canvas=_canvas())
    assert "0.3%" in drawing.figure.data[2].text[1]
    assert "0.3%" in drawing.alt


def test_the_alternative_text_tells_every_share():
    alt = weights(_frame(ENSEMBLE), canvas=_canvas()).alt
    assert "Seasonal MBG/NBD 58%" in alt
    assert "Last window’s spend 2%" in alt
    assert weights(_frame({}), canvas=_canvas()).alt == "No weights to show."


def test_the_frame_is_left_as_it_was():
    frame = _frame(ENSEMBLE)
    before = frame.copy()
    weights(frame, canvas=_canvas())
    pd.testing.assert_frame_equal(frame, before)
