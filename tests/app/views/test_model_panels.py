"""What the Forecast page says of its models: the weights, the past, and only what is true."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest

from app.charts.drawing import Canvas
from app.charts.theme import LIGHT
from app.charts.weights import members, weights
from app.services import runs
from app.widgets.model_panels import board_finding, board_method, board_table, board_terms
from app.words.run_in_view import RunInView
from app.words.text import LANGUAGES, words_for
from clvcore.records.columns import LEADERBOARD_FRAME
from clvcore.records.errors import Notice
from clvcore.records.run import Run
from clvcore.store import load_run

W = words_for("en")
BEATS = "The ensemble missed by less than every simple rule on past dates"
NEUTRAL = "How each model and each simple rule did on past dates"
SHORTER = Notice("NOT_MEASURED_AT_HORIZON", "{window} of {horizon}", window=149, horizon=365)
UNMEASURED = Notice("NOT_MEASURED", "The orders are too few or too short to check a forecast on "
                    "their own past.")  # fmt: skip


MIXED = pd.DataFrame(
    {"model": ["seasonal_mbg", "lightgbm", "xgboost"], "class": "all", "weight": [0.6, 0.2, 0.2]}
)


@pytest.fixture(scope="module")
def shipped(template) -> Run:
    """The run of the filled home, as it came from the engine."""
    return load_run(template.folder / "tenants" / "local" / "runs" / template.run_id)


def board(**rmse: float) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"rmse": rmse, "mae": 0.5 * pd.Series(rmse), "bias": 0.1, "gini": 0.6, "spearman": -0.25},
        columns=list(LEADERBOARD_FRAME),
    )
    return frame.rename_axis("model")


def with_board(run: Run, frame: pd.DataFrame, *warnings: Notice, model: str = "ensemble") -> Run:
    return dataclasses.replace(run, leaderboard=frame, model=model, warnings=warnings)


@pytest.mark.parametrize(
    ("rmse", "model", "title"),
    [
        ({"ensemble": 90.0, "zero": 100.0, "last_window": 95.0}, "ensemble", BEATS),
        ({"seasonal_mbg": 90.0, "ensemble": 99.0, "zero": 100.0}, "seasonal_mbg",
         "Seasonal MBG/NBD missed by less than every simple rule on past dates"),
        ({"ensemble": 90.0, "zero": 100.0, "last_window": 89.0}, "ensemble", NEUTRAL),
        ({"ensemble": 99.9, "zero": 100.0}, "ensemble", NEUTRAL),
        ({"ensemble": 90.0, "bg_nbd": 95.0}, "ensemble", NEUTRAL),
        ({"ensemble": np.nan, "zero": 100.0}, "ensemble", NEUTRAL),
        ({"zero": 100.0}, "mbg_nbd", NEUTRAL),
        ({}, "ensemble", "No past date could be checked"),
    ],
)  # fmt: skip
def test_the_finding_is_claimed_only_where_it_is_true(shipped, rmse, model, title):
    assert board_finding(W, with_board(shipped, board(**rmse), model=model)) == title


def test_a_simple_rule_that_did_better_is_named(shipped):
    ahead = with_board(shipped, board(zero=80.0, ensemble=90.0, last_window=100.0))
    assert "“Nobody buys again” had a smaller typical miss" in board_terms(W, ahead)[0]
    behind = with_board(shipped, board(ensemble=70.0, zero=80.0))
    assert not any("smaller typical miss" in sentence for sentence in board_terms(W, behind))


def test_a_shipped_model_without_a_score_is_named(shipped):
    run = with_board(shipped, board(zero=80.0), model="mbg_nbd")
    assert board_terms(W, run)[0] == (
        "The shipped model, MBG/NBD, could not be checked on past dates."
    )


def _shown(run: Run) -> RunInView:
    config = run.config.to_dict()
    entry = runs.RunEntry(
        id="r", dataset_id="d", dataset_name="Shop", created_at=dt.datetime.now(dt.UTC),
        created_by="ana", as_of=run.as_of, horizon_end=run.horizon_end,
        horizon_months=config["horizon_months"], horizon_days=config["horizon_days"],
        customers=len(run.customers), clv=1.0, currency=run.currency, config=config,
    )  # fmt: skip
    return RunInView(entry, run)


def test_the_subtitle_says_over_what_length_the_past_was_checked(shipped):
    frame = board(ensemble=90.0, zero=100.0)
    whole = board_method(W, _shown(with_board(shipped, frame)))
    assert "the 12 months that followed" in whole
    assert "EUR" in whole
    shorter = board_method(W, _shown(with_board(shipped, frame, SHORTER)))
    assert "the 149 days that followed" in shorter
    assert "12 months, so that length is not measured" in shorter
    none = board_method(W, _shown(with_board(shipped, board(), UNMEASURED)))
    assert none == W.notice(UNMEASURED)


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", ["Ensemble (shipped)", "1,234", "617", "+10.0%", "0.60", "−0.25"]),
        ("es", ["Conjunto (en uso)", "1.234", "617", "+10,0\u00a0%", "0,60", "−0,25"]),
        ("pt", ["Conjunto (em uso)", "1.234", "617", "+10,0%", "0,60", "−0,25"]),
    ],
)
def test_the_table_writes_figures_as_the_language_does(shipped, language, row):
    run = with_board(shipped, board(ensemble=1234.0, zero=2000.0))
    html = board_table(words_for(language), run).hide(axis="index").to_html()
    assert re.findall(r"<td[^>]*>([^<]*)</td>", html)[:6] == row


def test_the_table_has_no_words_for_what_was_not_scored(shipped):
    frame = board(ensemble=12.0, zero=20.0).assign(bias=[np.nan, -1.0])
    html = board_table(W, with_board(shipped, frame)).to_html()
    assert "nan" not in html.lower()
    assert "12.00" in html
    assert "−100.0%" in html
    assert html.count("font-weight: 600") == 1


def test_small_relative_errors_carry_no_sign(shipped):
    frame = board(ensemble=12.0).assign(bias=-0.0001)
    html = board_table(W, with_board(shipped, frame)).to_html()
    assert ">0.0%<" in html


# The page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_weights_and_the_leaderboard_of_its_run(rewrite, open_page, language):
    run = rewrite(weights=MIXED)
    assert len(members(run.weights)) > 1
    assert not run.leaderboard.empty
    page = open_page("forecast", language=language)
    assert not page.exception
    w = words_for(language)
    (table,) = page.table
    assert len(table.value) == len(run.leaderboard)
    assert w("{model} (shipped)", model=w.model(run.model)) in list(table.value.iloc[:, 0])
    assert table.proto.alt == w("How each model did on past dates")
    drawing = weights(run.weights, canvas=Canvas(w, LIGHT, run.currency))
    assert drawing.alt in [chart.proto.alt for chart in page.get("plotly_chart")]
    assert drawing.title in page.said
    assert board_finding(w, run) in page.said


def test_a_run_from_before_leaderboards_still_opens(shipped, rewrite, open_page):
    none, nobody = shipped.leaderboard.iloc[:0], shipped.weights.iloc[:0]
    rewrite(leaderboard=none, weights=nobody, warnings=())
    for view in ("forecast", "segments", "customers", "cohorts"):
        assert not open_page(view).exception
    page = open_page("forecast")
    assert len(page.table) == 0
    assert "past date" not in page.said


def test_a_single_model_has_no_weights_to_draw(rewrite, open_page):
    alone = pd.DataFrame({"model": ["seasonal_mbg"], "class": ["all"], "weight": [1.0]})
    rewrite(weights=alone, model="seasonal_mbg")
    page = open_page("forecast")
    assert not page.exception
    assert len(page.table) == 1
    assert "of the weight" not in page.said
    assert len(page.get("plotly_chart")) == 3


def test_orders_without_a_past_say_so_in_the_place_of_the_table(shipped, rewrite, open_page):
    rewrite(leaderboard=shipped.leaderboard.iloc[:0], warnings=(UNMEASURED,))
    page = open_page("forecast")
    assert not page.exception
    assert len(page.table) == 0
    assert "No past date could be checked" in page.said
    assert W.notice(UNMEASURED) in page.said
