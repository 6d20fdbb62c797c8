"""The HTTP interface as one ASGI application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api import schemas
from app.api.errors import ApiError, failed
from app.api.languages import language_of
from app.api.remembered import Remembered
from app.api.routes import router
from app.api.work import Works


def create_api() -> FastAPI:
    """Return the interface; what it works out is done by the workers of this process."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.remembered = Remembered()
    api.state.works = Works()
    api.include_router(router)
    api.add_exception_handler(ApiError, _problem)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(Exception, _failure)
    api.openapi = lambda: schemas.document(api)  # type: ignore[method-assign]
    return api


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiError)  # noqa: S101
    return problem.response(language_of(request.headers.get("accept-language")))


async def _http_error(request: Request, error: Exception) -> Response:
    """Say 404 and 405 in our words."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = "METHOD_NOT_ALLOWED" if error.status_code == 405 else "NOT_FOUND"
    return await _problem(request, ApiError(code, headers=error.headers))


async def _failure(request: Request, error: Exception) -> Response:
    """Say 500 in our words; the framework raises the error once more, for ``ApiFirst`` to end."""
    return await _problem(request, failed(error))
