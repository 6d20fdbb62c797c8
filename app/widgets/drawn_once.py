"""What a page shows of saved content is drawn once, and told again to whoever looks at the same.

A run and saved orders never change under one version, so whatever is drawn of them alone is the
same for everybody who reads it in the same words and colors. Building a figure costs many times as
much as telling the browser again what was built. Only what nobody can press may be drawn so.

Here alone the framework's cache is used, and it is handed one text that tells everything: by itself
it would tell a frame by a sample of its rows, and tenants by nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import wraps
from typing import Protocol

import pandas as pd
import streamlit as st

from app.services.cached import cleared_too
from app.widgets.look import current_palette
from app.words.text import Words

# 5 to 60 KB each, some 30 a run in one language and theme; the bytes of all together are bounded by
# server.maxCacheDataSize
MOST_DRAWN = 400
MOST_MADE = 32
KEPT = "1h"  # what nobody looks at any more should not stay


class DrawnAnewError(Exception):
    """Raised at the end of what is drawn: it may be otherwise next time, so it is not kept."""


class Saved(Protocol):
    """What is drawn; ``key`` names tenant, content and version, None where it is not saved."""

    @property
    def key(self) -> tuple[Hashable, ...] | None: ...


def drawn_once(draw: Callable[..., None]) -> Callable[..., None]:
    """Decorate ``draw(w, saved, *more)``: everything it shows must follow from these alone.

    Parameters
    ----------
    draw
        Draws ``saved``, a ``Saved``, in the words ``w``; ``more`` are texts, numbers and tuples of
        them, whose ``repr`` tells them apart. It may look at the theme and at nothing else of the
        session, and holds no widget.
    """
    name = f"{draw.__module__}.{draw.__qualname__}"

    @wraps(draw)
    def once(w: Words, saved: Saved, *more: Hashable) -> None:
        if saved.key is None:
            with suppress(DrawnAnewError):
                draw(w, saved, *more)
            return
        about = repr((name, saved.key, w.language, current_palette().name, more))
        with suppress(DrawnAnewError):
            _drawn(about, lambda: draw(w, saved, *more))

    return once


@st.cache_data(max_entries=MOST_DRAWN, ttl=KEPT, show_spinner=False)
def _drawn(about: str, _draw: Callable[[], None]) -> None:
    """Draw; the framework tells again what was drawn for the same ``about``."""
    del about
    _draw()


def made_once(about: tuple[Hashable, ...], make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return the frame ``about`` names, a copy for each who asks, made once.

    Parameters
    ----------
    about
        What the frame is, and the ``key`` of what it is made of.
    """
    return _made(repr(about), make)


# a thousand rows at most, some 300 KB; most of the time everybody looks at the same
@st.cache_data(max_entries=MOST_MADE, ttl=KEPT, show_spinner=False)
def _made(about: str, _make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    del about
    return _make()


cleared_too(_drawn.clear)
cleared_too(_made.clear)
