"""The address that sets the cookie of a session, and takes it away: no script may read it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from app.accounts.tickets import PATH, NoTicketError, take

_HEADERS = {"Cache-Control": "no-store"}


async def session_cookie(request: Request) -> Response:
    """Trade a ticket for its cookie; without one, say no more than that there is nothing here.

    Nothing that is asked for leads anywhere else, so nobody can be sent on from here.
    """
    from app.accounts.sessions import COOKIE, LONGEST  # slow to load

    if request.method == "HEAD":  # asking spends nothing
        return Response(status_code=204, headers=_HEADERS)
    # of Streamlit: SameSite=Strict, so a page of somebody else cannot have it sent along
    browser = request.cookies.get(XSRF_COOKIE_NAME)
    try:
        token = take(
            request.path_params["ticket"], lambda theirs: validate_xsrf_token(theirs, browser)
        )
    except NoTicketError:
        return Response(status_code=410, headers=_HEADERS)
    answer = Response(status_code=204, headers=_HEADERS)
    answer.set_cookie(
        COOKIE, token or "", max_age=int(LONGEST.total_seconds()) if token else 0, path="/",
        httponly=True, samesite="strict", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


# Starlette would answer HEAD as well: named, since it must be told apart
route = Route(f"{PATH}/{{ticket}}", session_cookie, methods=["GET", "HEAD"])
