"""Pages that somebody is signed in to, and what they say."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app
from app.accounts import sessions
from app.services import runs
from app.storage.home import tenant_folder
from clvcore.records.run import Run
from clvcore.store import load_run, save_run

MAIN = Path(app.__file__).with_name("main.py")


class Page(AppTest):
    """The dashboard, and what can be read on it."""

    @property
    def said(self) -> str:
        """Everything the page says, escapes taken off, in one string."""
        html = " ".join(element.proto.body for element in self.get("html"))
        shown = [*self.title, *self.markdown, *self.caption, *self.metric]
        text = " ".join(str(element.value) for element in shown)
        return (html + " " + text).replace("\\", "")

    @property
    def titles(self) -> list[str]:
        return [title.value.replace("\\", "") for title in self.title]

    @property
    def charts(self) -> list:
        return [element.proto for element in self.get("plotly_chart")]

    @property
    def keys(self) -> set[str]:
        """The names of all buttons."""
        return {button.key for button in self.button}

    def send(self) -> Page:
        """Press the button of the page's form."""
        form = next(b for b in self.button if b.key and b.key.startswith("FormSubmitter"))
        form.click().run()
        return self


Open = Callable[..., Page]


@pytest.fixture
def open_page() -> Open:
    """Open a page at its own address as somebody, in a language, with a query if need be."""

    def open_(view: str, *, role: str = "analyst", language: str = "en", **query: object) -> Page:
        page = Page(str(MAIN), default_timeout=300)
        page.session_state["authentication_status"] = True
        page.session_state["username"] = role
        page.session_state["session_token"] = sessions.begin(role)
        page.session_state["language"] = language
        for name, value in query.items():
            page.query_params[name] = value
        page.switch_page(f"views/{view}.py").run()
        return page

    return open_


@pytest.fixture
def rewrite(filled_home) -> Iterator[Callable[..., Run]]:
    """Write the run of the home anew, as another version of the program would have."""

    def rewrite_(**changes: object) -> Run:
        folder = tenant_folder("local", "runs") / filled_home.run_id
        run = dataclasses.replace(load_run(folder), **changes)
        shutil.rmtree(folder)
        save_run(run, folder)
        runs._load.cache_clear()
        return run

    yield rewrite_
    runs._load.cache_clear()
