"""The one process: the dashboard, and beside it /health. ``clv serve`` runs ``app`` in uvicorn."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import download_route

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_log = logging.getLogger("clv")


async def health(request: Request) -> JSONResponse:
    """Say that the process answers, and which version it is."""
    del request
    return JSONResponse({"status": "ok", "version": version("clv")})


async def no_such_address(request: Request) -> JSONResponse:
    """Answer for every address under /api that does not exist, instead of the dashboard's page."""
    body = {
        "error": "not_found",
        "message": f"There is nothing at {request.url.path}.",
        "code": "NOT_FOUND",
        "details": {},
    }
    return JSONResponse(body, status_code=404)


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
    """Before the first visitor: database up to date, what is too old swept, workers starting."""
    del running
    from app.services.database import reading
    from app.services.jobs.pool import workers
    from app.services.retention import daily

    with reading():
        pass
    with daily(), workers():
        yield {}


app = st.App(
    Path(__file__).resolve().with_name("main.py"),
    routes=[
        Route("/health", health, methods=["GET"]),
        download_route.route,
        Route("/api/{path:path}", no_such_address, methods=_METHODS),
    ],
    lifespan=lifespan,
    on_script_error=report_script_error,
)
