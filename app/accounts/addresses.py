"""Network addresses as the database keeps them: digests that only the key's holder can tell."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from app.accounts.keys import secret_key
from app.services.home import clv_home

_ONE_HOUSEHOLD = 64  # bits of an IPv6 address that everybody behind one connection shares


def address_digest(address: str | None) -> str:
    """Return what stands for an address; empty for this machine, whose address nobody tells us."""
    if not address:
        return ""
    return hmac.new(secret_key(clv_home()), _source(address), hashlib.sha256).hexdigest()


def _source(address: str) -> bytes:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address.encode("utf-8", "replace")
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return ipaddress.ip_network((found, _ONE_HOUSEHOLD), strict=False).network_address.packed
    return (getattr(found, "ipv4_mapped", None) or found).packed
