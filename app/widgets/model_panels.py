"""How a forecast was put together, and how each model did on past dates."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from app.charts.weights import members, weights
from app.widgets.card import card, chart_card, heading
from app.widgets.drawn_once import drawn_once
from app.widgets.look import canvas_for, current_palette
from app.words.money import MINUS
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from clvcore.models.baselines import BASELINES
from clvcore.records.errors import Notice
from clvcore.records.run import Run

TINT = 0.13
ALIKE = 0.005
WHOLE_FROM = 100.0
UNMEASURED, SHORTER = "NOT_MEASURED", "NOT_MEASURED_AT_HORIZON"


@drawn_once
def result_models(w: Words, shown: RunInView) -> None:
    """Draw the weights beside the table of past dates; a run without either shows neither."""
    weighted = len(members(shown.run.weights)) > 1
    scored = not shown.run.leaderboard.empty or _notice(shown.run, UNMEASURED) is not None
    if weighted and scored:
        left, right = st.columns([1, 2])
        with left:
            _weights_card(w, shown)
        with right:
            _leaderboard_card(w, shown)
    elif weighted:
        _weights_card(w, shown)
    elif scored:
        _leaderboard_card(w, shown)


def _weights_card(w: Words, shown: RunInView) -> None:
    names = set(members(shown.run.weights)["model"])
    terms = []
    if "seasonal_mbg" in names:
        terms.append(
            w("Seasonal MBG/NBD: who still buys, how often and for how much, season included.")
        )
    if names & {"lightgbm", "xgboost"}:
        terms.append(w("LightGBM and XGBoost: trees that correct it for each customer."))
    if "cohort" in names:
        terms.append(w("Cohorts: the same for each cohort by itself, drawn to the whole."))
    if "last_window" in names:
        terms.append(
            w(
                "Last window’s spend: what each customer spent in the {horizon} before.",
                horizon=shown.months(w),
            )
        )
    drawing = weights(shown.run.weights, canvas=canvas_for(w, shown.run.currency))
    chart_card(w, drawing, key="weights", note=" ".join(terms))


def _leaderboard_card(w: Words, shown: RunInView) -> None:
    run = shown.run
    with card(key="leaderboard"):
        heading(board_finding(w, run), board_method(w, shown))
        if run.leaderboard.empty:
            return
        st.table(
            board_table(w, run),
            border="horizontal",
            hide_index=True,
            alt=w("How each model did on past dates"),
        )
        for sentence in board_terms(w, run):
            st.caption(md(sentence))


def board_finding(w: Words, run: Run) -> str:
    """Say whether the shipped model beat every simple rule; neutral where it did not, or hardly."""
    board = run.leaderboard
    if board.empty:
        return w("No past date could be checked")
    rules = [name for name in BASELINES if name in board.index]
    if run.model in board.index and run.model not in rules and rules:
        best = board.loc[rules, "rmse"].min()
        if board["rmse"][run.model] < (1.0 - ALIKE) * best:
            if run.model == "ensemble":
                return w("The ensemble missed by less than every simple rule on past dates")
            return w(
                "{model} missed by less than every simple rule on past dates",
                model=w.model(run.model),
            )
    return w("How each model and each simple rule did on past dates")


def board_method(w: Words, shown: RunInView) -> str:
    """Say how the past was checked: over what length, and in which unit."""
    run = shown.run
    unmeasured, shorter = _notice(run, UNMEASURED), _notice(run, SHORTER)
    facts = shorter.values if shorter else {}  # noqa: PD011  # of a notice, not a frame
    if run.leaderboard.empty:
        return w.notice(unmeasured) if unmeasured else ""
    unit = f", {run.currency}" if run.currency else ""
    if not facts:
        return w(
            "Each model forecast past dates with what was known then, and was compared with the "
            "{horizon} that followed. Spend per customer{unit}, average over the dates.",
            horizon=shown.months(w),
            unit=unit,
        )
    return w(
        "Each model forecast past dates with what was known then, and was compared with the "
        "{window} days that followed: the orders do not reach back far enough for {horizon}, so "
        "that length is not measured. Spend per customer{unit}, average over the dates.",
        window=facts["window"],
        horizon=shown.months(w),
        unit=unit,
    )


def board_table(w: Words, run: Run) -> Styler:
    """Return the leaderboard, best first: the shipped row tinted, bold and named, rules muted."""
    board = run.leaderboard
    typical, average = w("Typical miss"), w("Average miss")
    frame = pd.DataFrame(
        {
            w("Model"): [
                w("{model} (shipped)", model=w.model(name)) if name == run.model else w.model(name)
                for name in board.index
            ],
            typical: board["rmse"].to_numpy(),
            average: board["mae"].to_numpy(),
            w("Total off by"): board["bias"].to_numpy(),
            w("Ranking"): board["gini"].to_numpy(),
            w("Rank agreement"): board["spearman"].to_numpy(),
            w("Held at 95%"): board["coverage_95"].to_numpy(),
            w("Range score"): board["winkler_95"].to_numpy(),
        }
    )
    decimals = 0 if board["rmse"].max() >= WHOLE_FROM else 2
    written = [lambda v: w.number(v, decimals)] * 2 + [lambda v: _signed(w, v)]
    written += [lambda v: w.number(v, 2).replace("-", MINUS)] * 2
    written += [lambda v: w.percent(v, 1), lambda v: w.number(v, decimals)]
    looks = pd.DataFrame("", index=frame.index, columns=frame.columns)
    colors = current_palette()
    looks.loc[board.index.isin(list(BASELINES))] = f"color: {colors.muted}"
    looks.loc[board.index == run.model] = (
        f"background-color: {colors.expected_at(TINT)}; color: {colors.ink}; font-weight: 600"
    )
    styler = frame.style.apply(lambda _frame: looks, axis=None)
    return styler.format(dict(zip(frame.columns[1:], written, strict=True)), na_rep="–")


def board_terms(w: Words, run: Run) -> list[str]:
    """Define the columns and the rules, and say what stands out against the shipped model."""
    board, sentences = run.leaderboard, []
    rules = [name for name in BASELINES if name in board.index]
    if run.model not in board.index:
        sentences.append(
            w(
                "The shipped model, {model}, could not be checked on past dates.",
                model=w.model(run.model),
            )
        )
    elif rules and board.loc[rules, "rmse"].min() < board["rmse"][run.model]:
        sentences.append(
            w(
                "On these dates the simple rule “{rule}” had a smaller typical miss than the "
                "shipped model.",
                rule=w.model(str(board.loc[rules, "rmse"].idxmin())),
            )
        )
    sentences.append(
        w(
            "Typical miss: root of the mean squared miss (RMSE); large misses count most. Average "
            "miss: mean miss up or down (MAE); where most buy nothing it favors expecting "
            "nothing. Total off by: expected total against what happened. Ranking: Gini, 1 for "
            "the true order of customers, 0 for none. Rank agreement: Spearman, from −1 to 1."
        )
    )
    sentences.append(
        w(
            "Held at 95%: share of customers whose spend lay within the range promised 19 times "
            "out of 20. Range score: its width plus a penalty for each miss (Winkler); lower is "
            "better. Simple rules have no range."
        )
    )
    sentences.append(
        w(
            "Simple rules: nobody buys again; everyone spends what the last window of that length "
            "brought; everyone goes on at the own past rate; everyone spends like the average of "
            "the cohort."
        )
    )
    return sentences


def _signed(w: Words, share: float) -> str:
    """Write a relative error with its sign."""
    written = w.percent(abs(share), 1)
    zero = written == w.percent(0.0, 1)
    return written if zero else ("+" if share > 0 else MINUS) + written


def _notice(run: Run, code: str) -> Notice | None:
    return next((notice for notice in run.warnings if notice.code == code), None)
