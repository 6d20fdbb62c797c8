"""Fits happen in processes of their own: the event loop never waits, and a fit can be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

from starlette.requests import Request

from app.api.errors import ApiError, failed
from app.workers import workers
from app.workers.workers import Call, Workers

WAITING = 8
RETRY_AFTER_SECONDS = 5


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


class Works:
    """Hands calls to the workers of this process, or to those given, and counts who waits."""

    def __init__(self, given: Workers | None = None, waiting: int = WAITING) -> None:
        self._given, self._waiting = given, waiting
        self.calls: set[Call] = set()

    async def perform(self, request: Request, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a function returns in a worker, or here where there are no workers.

        Raises
        ------
        ApiError
            What the function raised, ``QUEUE_FULL`` or ``TOOK_TOO_LONG``.
        ClientGoneError
            If the client left; the work was stopped.
        """
        here = self._given or workers.current()
        if here is None:
            return await asyncio.to_thread(function, *args)
        if len(self.calls) >= here.plan.workers + self._waiting:
            raise _busy("QUEUE_FULL", RETRY_AFTER_SECONDS)
        call = Call()
        self.calls.add(call)
        answer, gone = asyncio.wrap_future(call), asyncio.ensure_future(_left(request))
        try:
            try:
                await asyncio.to_thread(here.do, call, f"{__name__}.attempt", function, *args)
            except OSError:  # the launcher has just died
                raise _busy("QUEUE_FULL", RETRY_AFTER_SECONDS) from None
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientGoneError
            return _told(answer)
        finally:
            gone.cancel()
            self.calls.discard(call)
            here.stop(call)


def attempt(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function in a worker; what goes wrong there is logged there."""
    try:
        return function(*args)
    except ApiError:
        raise
    except Exception as error:
        raise failed(error) from None


def warm_up() -> None:
    """Import what a first forecast would import, and fill the tables it would fill."""
    from clvcore.ingest import read_transactions
    from clvcore.runs.forecast import forecast
    from clvcore.sample import sample_orders

    forecast(read_transactions(sample_orders(300, seed=1)))


def _told(answer: asyncio.Future[Any]) -> Any:
    try:
        return answer.result()
    except ApiError:
        raise
    except TookTooLong:
        raise _busy("TOOK_TOO_LONG", 60) from None
    except Exception as error:  # the worker died, or the launcher with all of them
        raise failed(error) from None


def _busy(code: str, seconds: int) -> ApiError:
    return ApiError(code, headers={"Retry-After": str(seconds)}, retry_after_seconds=seconds)


async def _left(request: Request) -> None:
    """Return when the client has gone; the body was read before."""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return
