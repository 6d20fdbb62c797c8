"""The addresses: who calls, what is asked, who works it out."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.api import answers, client_answers, schemas
from app.api.body import read_body
from app.api.credentials import Caller, authenticate
from app.api.documentation import page
from app.api.errors import ApiError
from app.api.fitted import Fitted, fit
from app.api.languages import language_of
from app.api.limits import Allowance, check_address, count_call, count_failure
from app.api.parameters import ForecastSettings
from app.api.questions import Question, forecast_question, table_question
from app.api.remembered import LARGEST_ANSWER, Remembered
from app.api.work import ClientGoneError, Works
from app.shield.asgi import address_of
from app.storage import audit

FORECAST = "/api/v1/ai/echointel/customer-intelligence/clv-forecast"
CLIENT_FORECAST = "/api/customer_clv_forecast"
CLIENT_FEATURES = "/api/customer_clv_features"
CLIENT_RFM = "/api/customer_rfm"
READ_HERE_BYTES = 4 * 2**20
Answer = Callable[[Any, ForecastSettings, str], bytes]
_HEALTHY = {"status": "ok", "version": version("clv")}  # looked up once: it is read from a file
_log = logging.getLogger("clv")
router = APIRouter(redirect_slashes=False)


@router.post(FORECAST, **schemas.FORECAST)
async def clv_forecast(request: Request) -> Response:
    """Forecast the value of customers from their orders, or from a summary of each."""
    return await _forecast(request, answers.forecast_answer, by_secret=False)


@router.post(CLIENT_FORECAST, **schemas.CLIENT_FORECAST)
async def client_forecast(request: Request) -> Response:
    """Forecast the same in the shape of the public Python client."""
    return await _forecast(request, client_answers.forecast_answer, by_secret=True)


@router.post(CLIENT_FEATURES, **schemas.CLIENT_FEATURES)
async def client_features(request: Request) -> Response:
    """Return a row of features per customer, in the shape of the public Python client."""
    return await _table(request, client_answers.features_answer)


@router.post(CLIENT_RFM, **schemas.CLIENT_RFM)
async def client_rfm(request: Request) -> Response:
    """Return recency, frequency and money, in the shape of the public Python client."""
    return await _table(request, client_answers.rfm_answer)


@router.get("/health", **schemas.HEALTH)
async def health() -> JSONResponse:
    """Say that the process answers, and which version it is."""
    return JSONResponse(_HEALTHY)


router.head("/health", include_in_schema=False)(health)


@router.get("/api/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> JSONResponse:
    """Return the description of this interface."""
    return JSONResponse(request.app.openapi())


@router.get("/api/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Show the description as a page."""
    return HTMLResponse(page(request.app.openapi()))


async def _forecast(request: Request, answer: Answer, *, by_secret: bool) -> Response:
    caller, allowance = await _admitted(request, by_secret=by_secret)
    body = await _body(request)
    language = language_of(request.headers.get("accept-language"))
    remembered: Remembered = request.app.state.remembered
    asked = _asked(body, by_secret=by_secret, language=language)
    told = remembered.find_answer(caller.tenant, asked)
    if told is None:
        question = await _question(request, body, forecast_question)
        fitted = await _fitted(request, caller, question)
        told = await run_in_threadpool(answer, fitted, question.settings, language)
        if asked:
            remembered.keep_answer(caller.tenant, question.key, asked, told)
    return _answered(told, allowance, language)


def _asked(body: bytes, *, by_secret: bool, language: str) -> str:
    """Return what is the same for those who ask the same: address, language and every byte."""
    # a body too large to be remembered is not worth the loop's time either
    digest = hashlib.sha256(body).hexdigest() if len(body) <= LARGEST_ANSWER else ""
    return f"{by_secret} {language} {dt.datetime.now(dt.UTC).date()} {digest}" if digest else ""


async def _fitted(request: Request, caller: Caller, question: Question) -> Fitted:
    remembered: Remembered = request.app.state.remembered
    fitted = remembered.find(caller.tenant, question.key)
    if fitted is None:
        today = dt.datetime.now(dt.UTC).date()
        fitted = await _work(request, fit, question, today)
        remembered.keep(caller.tenant, question.key, fitted)
        await run_in_threadpool(
            audit.record, caller.tenant, "api", "forecast", fitted.run_id,
            customers=len(fitted.customers), model=fitted.model,
        )  # fmt: skip
    return fitted


async def _table(request: Request, answer: Callable[[Question, str], bytes]) -> Response:
    _, allowance = await _admitted(request, by_secret=True)
    question = await _question(request, await _body(request), table_question)
    language = language_of(request.headers.get("accept-language"))
    body = await _work(request, answer, question, language)
    return _answered(body, allowance, language)


async def _admitted(request: Request, *, by_secret: bool) -> tuple[Caller, Allowance]:
    """Return who calls and what they have left; nothing of the body has been read yet."""
    address = address_of(request.scope)
    return await run_in_threadpool(partial(_admit, request, address, by_secret=by_secret))


def _admit(request: Request, address: str, *, by_secret: bool) -> tuple[Caller, Allowance]:
    check_address(address)
    try:
        caller = authenticate(request.headers, by_secret=by_secret)
    except ApiError:
        count_failure(address)
        raise
    return caller, count_call(caller.tenant)


async def _body(request: Request) -> bytes:
    if request.url.query:  # a setting there would be taken for its default without a word
        raise ApiError("UNKNOWN_PARAMETER", location="query")
    return await read_body(request)


async def _question(request: Request, body: bytes, read: Callable[[bytes], Question]) -> Question:
    """Read the body; a large one is decoded where the fits are, as decoding holds everybody up."""
    if len(body) <= READ_HERE_BYTES:
        return await run_in_threadpool(read, body)
    question: Question = await _work(request, read, body)
    return question


async def _work(request: Request, function: Callable[..., Any], *args: Any) -> Any:
    works: Works = request.app.state.works
    try:
        return await works.perform(request, function, *args)
    except ClientGoneError:
        _log.info("a caller left before the answer; its work was stopped")
        raise asyncio.CancelledError from None


def _answered(body: bytes, allowance: Allowance, language: str) -> Response:
    headers = {"Content-Language": language, "Vary": "Accept-Language", **allowance.headers}
    return Response(body, headers=headers, media_type="application/json")
