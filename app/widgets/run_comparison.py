"""Two forecasts compared: the change, who moved, and which settings differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from app.charts.change import change, signed_money
from app.charts.moves import moves
from app.services import history
from app.services.runs import RunEntry
from app.services.session import Identity
from app.widgets.card import card, chart_card, heading
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for
from app.widgets.movers_table import movers_card
from app.words.figures import HEADROOM, Interval, Kpi
from app.words.forecast import total_words
from app.words.settings import setting_names, setting_value
from app.words.text import Words, md
from clvcore.records.errors import ClvError
from clvcore.runs.comparison import Comparison, Whole

AGAINST = "runs_against"


def against_run(chosen: RunEntry, kept: Sequence[RunEntry]) -> RunEntry | None:
    """Return what the chosen forecast is compared with: as asked, else the one before it."""
    by_id = {entry.id: entry for entry in kept if entry.id != chosen.id}
    asked = st.session_state.get(AGAINST, {}).get(chosen.id)
    return by_id.get(asked) or history.previous(chosen, list(kept))


def against_select(
    w: Words, labels: dict[str, str], chosen: RunEntry, against: RunEntry | None
) -> None:
    """Let the reader choose the forecast to compare with."""
    others = [run_id for run_id in labels if run_id != chosen.id]
    if not others:
        with card(w("Nothing to compare yet"), key="compare-nothing"):
            st.caption(md(w("The change appears after your second run with the same settings.")))
        return
    st.session_state["runs_compare"] = against.id if against else None
    with st.container(border=True, key="compare"):
        heading(
            w("What changed since an earlier forecast"),
            w("The one before it, of the same orders and settings, is chosen where there is one."),
        )
        st.selectbox(
            w("Compared with"), others, format_func=labels.__getitem__, key="runs_compare",
            placeholder=w("Choose a forecast"), on_change=_choose, args=(chosen.id,), width=360,
        )  # fmt: skip


def compared(
    w: Words, identity: Identity, chosen: RunEntry, against: RunEntry
) -> Comparison | ClvError:
    """Return the comparison, or why there is none."""
    with st.spinner(w("Comparing two forecasts …")):
        try:
            return history.compare_runs(identity.tenant, against.id, chosen.id)
        except ClvError as error:
            return error


def comparison_panels(
    w: Words, comparison: Comparison, chosen: RunEntry, against: RunEntry
) -> None:
    """Draw the change in figures, its parts, the moves, and the customers behind them."""
    _kpis(w, comparison, chosen, against)
    if comparison.settings:
        _settings_card(w, comparison)
    canvas = canvas_for(w, comparison.currency)
    left, right = st.columns([1.15, 1])
    with left:
        chart_card(w, change(comparison, canvas=canvas), key="change")
    with right:
        chart_card(w, moves(comparison.moves, canvas=canvas), key="moves")
    movers_card(w, comparison)


def refusal_card(w: Words, error: ClvError) -> None:
    """Say why two forecasts cannot be compared."""
    with card(w("These two cannot be compared"), key="compare-refused"):
        st.markdown(f":orange[:material/warning:]\u2002{md(w.error(error))}")


def _kpis(w: Words, comparison: Comparison, chosen: RunEntry, against: RunEntry) -> None:
    before, after = comparison.before, comparison.after
    tops = (v for v in (before.clv_upper, after.clv_upper) if math.isfinite(v))
    scale = max([before.clv, after.clv, *tops]) * HEADROOM
    canvas = canvas_for(w, comparison.currency)
    stake = after.value_at_stake - before.value_at_stake
    kpi_row(
        [
            _total(w, comparison, before, against, w("Expected then"), scale),
            _total(w, comparison, after, chosen, w("Expected now"), scale),
            Kpi(
                label=w("Change"),
                value=signed_money(comparison.change, canvas),
                words=share_words(w, comparison),
                definition=_overlap(w, before, after),
            ),
            Kpi(
                label=w("At stake, change"),
                value=signed_money(stake, canvas),
                words=w(
                    "{before} then, {after} now",
                    before=canvas.money(before.value_at_stake),
                    after=canvas.money(after.value_at_stake),
                ),
                definition=w("What acting now can protect or win back."),
            ),
            Kpi(
                label=w("Changed group"),
                value=w.count(comparison.moved),
                words=w("of {n} who stayed", n=comparison.stayed.customers),
                definition=w(
                    "{joined} joined, {left} left.",
                    joined=comparison.joined.customers,
                    left=comparison.left.customers,
                ),
            ),
        ],
        key="compare-kpis",
    )


def _total(
    w: Words, comparison: Comparison, whole: Whole, entry: RunEntry, label: str, scale: float
) -> Kpi:
    interval = Interval(value=whole.clv, low=whole.clv_lower, high=whole.clv_upper, scale=scale)
    level = float(entry.config["confidence_level"])
    return Kpi(
        label=label,
        value=w.money(whole.clv, comparison.currency),
        interval=interval,
        words=total_words(w, interval, level, comparison.currency),
        definition=w("{n} customers as of {day}.", n=whole.customers, day=whole.as_of),
    )


def share_words(w: Words, comparison: Comparison) -> str:
    """Write the change as a share of what was expected before."""
    if not comparison.before.clv:
        return w("from nothing")
    share = comparison.change / comparison.before.clv
    return ("+" if share > 0 else "") + w.percent(share, 1)


def _overlap(w: Words, before: Whole, after: Whole) -> str:
    if not (math.isfinite(before.clv_upper) and math.isfinite(after.clv_upper)):
        return w("One of the two has no range.")
    if before.clv_lower <= after.clv_upper and after.clv_lower <= before.clv_upper:
        return w("The two ranges overlap: read it with care.")
    return w("The two ranges do not overlap.")


def _settings_card(w: Words, comparison: Comparison) -> None:
    names = setting_names(w)
    with card(
        w("The two were asked for differently"),
        w("Part of the change comes from these settings, not from customers."),
        key="compare-settings",
    ):
        for setting in comparison.settings:
            said = w(
                "{name}: {before} then, {after} now",
                name=names.get(setting.name, setting.name),
                before=setting_value(w, setting.name, setting.before),
                after=setting_value(w, setting.name, setting.after),
            )
            st.markdown(f":orange[:material/tune:]\u2002{md(said)}")


def _choose(chosen_id: str) -> None:
    asked = dict(st.session_state.get(AGAINST, {}))
    asked[chosen_id] = st.session_state["runs_compare"]
    st.session_state[AGAINST] = asked
