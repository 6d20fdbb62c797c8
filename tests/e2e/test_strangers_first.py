"""Whoever is not signed in changes nothing for those who come after him."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.browser

# every kind of address that looks at a cookie before it looks at anything else, and a few more
ASKED = (
    ("GET", "/exports/x"),
    ("HEAD", "/exports/x"),
    ("PUT", "/_stcore/upload_file/session/file"),
    ("DELETE", "/_stcore/upload_file/session/file"),
    ("GET", "/component/x"),
    ("GET", "/media/x"),
    ("POST", "/api/v1/forecast"),
    ("GET", "/health"),
)


@pytest.fixture
def fresh(tmp_path, serving):
    with serving(tmp_path) as running:
        yield running


def _asked(address: str, method: str) -> int:
    request = urllib.request.Request(address, method=method)  # noqa: S310 - our own server
    request.add_header("Cookie", "clv_session=" + "x" * 43)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_sign_in_sets_its_cookie_although_strangers_asked_before_the_first_page(
    steps, fresh, context
):
    codes = [_asked(fresh.address + path, method) for method, path in ASKED]
    assert codes[0] == codes[1] == codes[2] == codes[3] == 401
    assert max(codes) < 500
    page = steps.open(context, fresh.address)
    steps.sign_in(page, fresh)
    steps.signed_in(page)
    steps.has_cookie(context)
    page.reload()
    steps.signed_in(page)
