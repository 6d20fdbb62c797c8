"""The one address files are taken from: signed in, once, never kept by a browser or a proxy."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.services.downloads import PATH, take
from app.text import negotiate, words_for

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def download(request: Request) -> Response:
    """Hand over a file that waits for the person the cookie names."""
    from app.accounts.sessions import COOKIE, account_of

    w = words_for(negotiate(None, request.headers.get("accept-language", "").split(",")[0]))
    account = await run_in_threadpool(account_of, request.cookies.get(COOKIE))
    if account is None:
        return PlainTextResponse(w("Sign in first."), status_code=401, headers=_HEADERS)
    file = take(request.path_params["token"], username=account.username, tenant=account.tenant)
    if file is None:
        words = w("This file was taken already, or waited too long. Prepare it again.")
        return PlainTextResponse(words, status_code=410, headers=_HEADERS)
    named = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return Response(
        file.content, media_type=file.media_type, headers={**_HEADERS, "Content-Disposition": named}
    )


route = Route(f"{PATH}/{{token}}", download, methods=["GET"])
