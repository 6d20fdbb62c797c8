"""The one address files are taken from: signed in, once, never kept by a browser or a proxy."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.services.downloads import PATH, GoneError, peek, take
from app.words.text import negotiate, words_for

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def download(request: Request) -> Response:
    """Hand over a file that waits for the person the cookie names; a HEAD leaves it waiting."""
    from app.accounts.sessions import COOKIE, account_of

    w = words_for(negotiate(None, request.headers.get("accept-language", "").split(",")[0]))
    account = await run_in_threadpool(account_of, request.cookies.get(COOKIE))
    if account is None:
        return _refusal(401, w("Sign in first."))
    only_asks = request.method == "HEAD"
    try:
        file = (peek if only_asks else take)(request.path_params["token"], account)
    except GoneError:
        words = w("This file was taken already, or waited too long. Prepare it again.")
        return _refusal(410, words)
    except PermissionError:
        return _refusal(403, w("Your role may not do this. Ask your administrator."))
    return Response(
        b"" if only_asks else file.content,
        media_type=file.media_type,
        headers={
            **_HEADERS,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Content-Length": str(len(file.content)),
        },
    )


def _refusal(status: int, words: str) -> Response:
    return PlainTextResponse(words, status_code=status, headers=_HEADERS)


# Starlette would answer HEAD as well: named, since it must be told apart
route = Route(f"{PATH}/{{token}}", download, methods=["GET", "HEAD"])
