"""The headers of every answer, and what a page of ours may load."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

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


@cache
def safe_headers(scheme: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers an answer gets unless it has them."""
    headers = _ALWAYS | {b"content-security-policy": policy().encode(), b"x-frame-options": b"DENY"}
    if scheme in ("https", "wss"):
        headers[b"strict-transport-security"] = _HSTS
    return tuple(headers.items())


@cache
def policy() -> str:
    """Return the content security policy of our pages.

    Streamlit and plotly write styles into the page, so those are allowed; scripts are files of
    this server, and the line or two its pages have inside, told by their hashes.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *(f"'{digest}'" for digest in _inline_scripts())]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _inline_scripts() -> tuple[str, ...]:
    spec = find_spec("streamlit")
    assert spec is not None and spec.origin is not None  # noqa: S101, PT018 - a dependency
    html = Path(spec.origin).parent.joinpath("static", "index.html").read_bytes()
    return tuple(
        "sha256-" + base64.b64encode(hashlib.sha256(script).digest()).decode()
        for script in _INLINE_SCRIPT.findall(html)
    )
