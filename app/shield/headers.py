"""The headers of every answer, and what a page of ours may load."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

COMPONENTS = ("/component/", "/_stcore/bidi-components/")
_STREAMLIT = ("streamlit", "static")
# of the sign-in form: it reads and writes the cookie
_COOKIES = ("extra_streamlit_components", "CookieManager", "frontend", "build")
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)

_ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": (
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), "
        b"display-capture=(), browsing-topics=()"
    ),
}
_HSTS = b"max-age=31536000"


def safe_headers(path: str, scheme: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers an answer gets unless it has them."""
    # components are drawn in a frame of our own page
    return _headers(framed=path.startswith(COMPONENTS), encrypted=scheme in ("https", "wss"))


@cache
def _headers(*, framed: bool, encrypted: bool) -> tuple[tuple[bytes, bytes], ...]:
    headers = _ALWAYS | {
        b"content-security-policy": policy(framed=framed).encode(),
        b"x-frame-options": b"SAMEORIGIN" if framed else b"DENY",
    }
    if encrypted:
        headers[b"strict-transport-security"] = _HSTS
    return tuple(headers.items())


@cache
def policy(*, framed: bool) -> str:
    """Return the content security policy of our pages, or of a component drawn in one.

    Streamlit and plotly write styles into the page, so those are allowed; scripts are files of
    this server, and the line or two its pages have inside, told by their hashes.
    """
    page = _COOKIES if framed else _STREAMLIT
    scripts = " ".join(["'self'", *(f"'{digest}'" for digest in _inline_scripts(page))])
    rules = {
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'" if framed else "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
        "frame-ancestors": "'self'" if framed else "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@cache
def _inline_scripts(page: tuple[str, ...]) -> tuple[str, ...]:
    package, *folders = page
    spec = find_spec(package)  # found, not imported: an import would register its components
    assert spec is not None and spec.origin is not None  # noqa: S101, PT018 - a dependency
    html = Path(spec.origin).parent.joinpath(*folders, "index.html").read_bytes()
    return tuple(
        "sha256-" + base64.b64encode(hashlib.sha256(script).digest()).decode()
        for script in _INLINE_SCRIPT.findall(html)
    )
