"""What is drawn once is drawn once, and for nobody else than those who would see the same."""

from __future__ import annotations

import uuid

import pytest
from streamlit.testing.v1 import AppTest

from app.widgets import drawn_once

DRAWN: list[str] = []  # what was really drawn, by this module's one instance


def script(key, language, theme, more) -> None:
    from dataclasses import dataclass
    from types import SimpleNamespace

    import streamlit as st

    from app.widgets import drawn_once as module
    from app.words.text import words_for
    from tests.app.widgets.test_drawn_once import DRAWN

    @dataclass(frozen=True)
    class Saved:
        key: tuple | None

    @module.drawn_once
    def draw(w, saved, *more):
        DRAWN.append(str(saved.key))
        with st.container(key="box"):
            st.markdown(w("Customers"))
            st.caption(f"{saved.key} {more}")
        if "anew" in more:
            raise module.DrawnAnewError

    module.current_palette = lambda: SimpleNamespace(name=theme)
    st.markdown("before")
    left, _ = st.columns(2)
    with left:
        draw(words_for(language), Saved(key), *more)
    st.markdown("after")


@pytest.fixture
def shown(monkeypatch):
    """Show the card to somebody new; return what is on the page."""
    monkeypatch.setattr(drawn_once, "current_palette", drawn_once.current_palette)
    DRAWN.clear()

    def show(key, language="en", theme="light", more=()) -> list[str]:
        page = AppTest.from_function(script, args=(key, language, theme, more)).run()
        assert not page.exception
        said = [element.value for element in [*page.markdown, *page.caption]]
        inside = page.columns[0]
        assert [x.value for x in [*inside.markdown, *inside.caption]] == said[1:2] + said[3:]
        return said

    return show


def test_the_second_reader_is_told_the_same_and_nothing_is_drawn(shown):
    key = ("local", uuid.uuid4().hex, (1, 2, 3))
    first = shown(key)
    assert shown(key) == first
    assert len(DRAWN) == 1
    assert "Customers" in first
    assert str(key) in first[-1]


def test_another_tenant_version_language_theme_or_choice_is_drawn_anew(shown):
    run = uuid.uuid4().hex
    key = ("local", run, (1, 2, 3))
    shown(key)
    assert str(("rival", run)) in shown(("rival", run))[-1]
    for change in (
        {"key": ("rival", run, (1, 2, 3))},
        {"key": ("local", run, (1, 2, 4))},
        {"key": key, "language": "es"},
        {"key": key, "theme": "dark"},
        {"key": key, "more": (True,)},
        {"key": key, "more": ("True",)},
    ):
        before = len(DRAWN)
        said = shown(**change)
        assert len(DRAWN) == before + 1
        assert str(change["key"]) in said[-1]
    assert "Clientes" in shown(key, language="es")


def test_what_is_not_saved_or_may_be_otherwise_is_always_drawn(shown):
    for key, more in ((None, ()), (None, ("anew",)), ((uuid.uuid4().hex,), ("anew",))):
        DRAWN.clear()
        assert shown(key, more=more) == shown(key, more=more)
        assert len(DRAWN) == 2


def test_what_is_kept_is_bounded(shown, monkeypatch):
    keys = [("local", uuid.uuid4().hex) for _ in range(3)]
    kept = drawn_once._drawn._info
    assert kept.max_entries == drawn_once.MOST_DRAWN
    assert kept.ttl == drawn_once.KEPT
    monkeypatch.setattr(kept, "max_entries", 2)
    drawn_once._drawn.clear()
    for key in keys:
        shown(key)
    shown(keys[2])
    assert len(DRAWN) == 3
    shown(keys[0])  # the least recently used has gone
    assert len(DRAWN) == 4
    drawn_once._drawn.clear()
