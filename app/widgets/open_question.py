"""What a file leaves open, asked on its own rows: how dates or numbers read, which currency."""

from __future__ import annotations

import re
from html import escape

import streamlit as st

from app.services import datasets
from app.services.datasets import Intake
from app.services.readings import QUESTIONS, Question, Reading
from app.services.session import Identity
from app.widgets.card import heading
from app.widgets.column_mapper import Chosen
from app.widgets.look import current_palette
from app.words.text import Words, md, msg
from clvcore.records.errors import ClvError

CURRENCIES = ("MIXED_CURRENCIES", "SEVERAL_CURRENCIES")
_COUNTED = re.compile(r"([A-Z]{3}): (\d+)")
NAMES = {
    "dmy": msg("Day first"),
    "mdy": msg("Month first"),
    ".": msg("Point is the decimal mark"),
    ",": msg("Comma is the decimal mark"),
}


def asks(problem: ClvError | None) -> bool:
    """Tell whether a refusal is a question that one click answers."""
    return problem is not None and problem.code in (*QUESTIONS, *CURRENCIES)


def question_card(
    w: Words, identity: Identity, intake: Intake, choice: Chosen, problem: ClvError
) -> None:
    """Draw the question; each answer is a button, and sets what the columns card shows."""
    if problem.code in CURRENCIES:
        _currencies(w, problem)
        return
    if choice.mapping is None:
        return
    question = datasets.question_of(
        identity.tenant, intake.content_hash, choice.mapping, choice.currency, choice.options,
        intake.layout,
    )  # fmt: skip
    if question is not None:
        _two_readings(w, question)


def _two_readings(w: Words, question: Question) -> None:
    dates = question.setting == "date_order"
    with st.container(border=True, key="open-question"):
        heading(
            w("How are the dates in “{column}” written?", column=question.column)
            if dates
            else w("How are the numbers in “{column}” written?", column=question.column),
            w("Every row fits both. Choose the reading that is right for these rows of your file."),
        )
        orderly = [reading.in_order is True for reading in question.readings]
        for place, (cell, reading) in enumerate(zip(st.columns(2), question.readings, strict=True)):
            with cell:
                likelier = orderly[place] and orderly.count(True) == 1
                _reading(w, question, reading, likelier=likelier)


def _reading(w: Words, question: Question, reading: Reading, *, likelier: bool) -> None:
    name = w(NAMES[reading.choice])
    heading(name)
    shown = {
        w("Line"): [w.count(line) for line in question.lines],
        w("In the file"): list(question.written),
        w("Read as"): [_value(w, value) for value in reading.values],
    }
    st.dataframe(shown, hide_index=True, row_height=38, alt=name)
    st.button(
        w("This one is right"),
        key=f"answer-{question.setting}-{'point' if reading.choice == '.' else reading.choice}",
        type="primary" if likelier else "secondary",
        icon=":material/check:",
        width="stretch",
        on_click=_answer,
        args=(f"mapper-{question.setting}", reading.choice),
    )
    st.html("".join(_facts(w, reading, likelier=likelier)))


def _facts(w: Words, reading: Reading, *, likelier: bool) -> list[str]:
    low, high = reading.bounds
    colors = current_palette()
    if reading.total is None:
        text = w("The file then runs from {first} to {last}.", first=low, last=high)
    else:
        text = w(
            "The amounts then run from {low} to {high} and sum to {total}.",
            low=w.number(float(low), 2),
            high=w.number(float(high), 2),
            total=w.number(reading.total, 2),
        )
    facts = [f'<p class="clv-small" style="color:{colors.muted}">{escape(text)}</p>']
    if likelier:
        text = w("Its rows are then in order of time, as exports mostly are.")
        facts.append(f'<p class="clv-small" style="color:{colors.good}">✓ {escape(text)}</p>')
    return facts


def _value(w: Words, value: object) -> str:
    return w.number(value, 2) if isinstance(value, float) else w.date(value)  # type: ignore[arg-type]


def _currencies(w: Words, problem: ClvError) -> None:
    found = _COUNTED.findall(str(problem.values["seen"]))
    with st.container(border=True, key="open-question"):
        heading(
            w("Which currency do you want to look at?"),
            w(
                "“{column}” holds several, which cannot be added. Rows in the others are left out, "
                "and the ledger says how many.",
                column=problem.values["column"],
            ),
        )
        with st.container(horizontal=True):
            for code, rows in sorted(found, key=lambda pair: -int(pair[1])):
                st.button(
                    md(w.plural("{code}: {n} row", "{code}: {n} rows", int(rows), code=code)),
                    key=f"answer-currency-{code}",
                    on_click=_answer,
                    args=("mapper-currency", code),
                )
        st.caption(md(w("It can be changed under “Currency” until you use the data.")))


def _answer(key: str, value: str) -> None:
    st.session_state[key] = value
