"""The one process: dashboard and HTTP interface. ``clv serve`` runs ``app`` in uvicorn."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from app.api.first import ApiFirst, LateApi
from app.server import downloads, session_cookie
from app.server.memory import tidying
from app.server.unfinished import put_right
from app.server.warm_up import settled
from app.services.cached import heeding_word

_log = logging.getLogger("clv")


def report_script_error(error: Exception) -> bool:
    """Log what went wrong under a reference, and show the person the reference alone."""
    from app.services.session import current_words

    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
    _log.error("reference %s", reference, exc_info=error)
    w = current_words()
    with st.container(border=True):
        st.markdown(
            w(
                "Something went wrong on our side, and nothing was changed. Load the page again, "
                "or send reference {reference} to your administrator.",
                reference=reference,
            )
        )
    return True


@asynccontextmanager
async def lifespan(running: st.App) -> AsyncIterator[dict[str, Any]]:
    """Before the first visitor: what was left half done put right; the rest settles beside them."""
    del running
    put_right()
    with settled(api), tidying(), heeding_word():
        yield {}


api = LateApi()
app = st.App(
    Path(__file__).resolve().parents[1] / "main.py",
    routes=[downloads.route, session_cookie.route],
    middleware=[Middleware(ApiFirst, api=api)],
    lifespan=lifespan,
    on_script_error=report_script_error,
)
