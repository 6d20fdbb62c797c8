"""Where the table stands in its file: the line of its names and the sheet, open to correction."""

from __future__ import annotations

import streamlit as st

from app.services import datasets
from app.services.datasets import Intake
from app.services.session import asking
from app.widgets.order_sources import INTAKE, intake_in_view
from app.words.text import Words, md
from clvcore.ingest import ANYWHERE, Layout
from clvcore.records.errors import ClvError

LINE, SHEET, PROBLEM = "place-line", "place-sheet", "place_problem"
LAST_LINE = 1_000_000


def table_place(w: Words, intake: Intake) -> None:
    """Ask for the line of the names and for the sheet, where the file has lines and sheets."""
    if intake.header_row is None:
        return
    with st.container(gap="xxsmall"):
        if len(intake.sheets) > 1:
            st.selectbox(
                w("Sheet or file inside"),
                [None, *intake.sheets],
                index=_place_of(intake),
                format_func=lambda title: w("Found by itself") if title is None else title,
                key=SHEET,
                on_change=_look_again,
            )
        st.number_input(
            w("Line with the column names"),
            min_value=0,
            max_value=LAST_LINE,
            value=intake.header_row,
            step=1,
            key=LINE,
            on_change=_look_again,
        )
        st.caption(md(w("Found by itself; 0 if no line names the columns.")))
    problem: ClvError | None = st.session_state.get(PROBLEM)
    if problem is not None:
        st.warning(md(w.error(problem)), icon=":material/error:")
    if intake.layout != ANYWHERE:
        st.button(w("Find the table by itself"), key="place-anywhere", on_click=_find_by_itself)


def forget_place() -> None:
    """Let go of what was named for a file; the next one is searched."""
    for key in (LINE, SHEET, PROBLEM):
        st.session_state.pop(key, None)


def _place_of(intake: Intake) -> int:
    named = intake.layout.sheet
    return intake.sheets.index(named) + 1 if named in intake.sheets else 0


def _look_again() -> None:
    """Read the file with what was named; the sheet alone leaves the line to the search."""
    intake = intake_in_view()
    if intake is None:
        return
    sheet = st.session_state.get(SHEET)
    line = st.session_state.get(LINE)
    same_sheet = sheet == intake.layout.sheet
    named = line if same_sheet and line != intake.header_row else intake.layout.header_row
    _look(intake, Layout(sheet=sheet, header_row=named if same_sheet else None))


def _find_by_itself() -> None:
    intake = intake_in_view()
    if intake is not None:
        _look(intake, ANYWHERE)


def _look(intake: Intake, layout: Layout) -> None:
    if asking("data") is None:
        return
    try:
        again = datasets.inspect_again(intake, layout)
    except ClvError as error:
        forget_place()
        st.session_state[PROBLEM] = error
        return
    for key in [key for key in st.session_state if str(key).startswith("mapper-")]:
        if key != "mapper-currency":
            del st.session_state[key]
    forget_place()
    st.session_state[INTAKE] = again
