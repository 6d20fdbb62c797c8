"""Network addresses: whom one belongs to, and the digests that the database keeps of them."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from app.accounts.keys import secret_key
from app.storage.home import clv_home

# bits of an IPv6 address that one customer of a provider may be given (RFC 6177: up to a /48)
_ONE_SITE = 48


def source_of(address: str) -> str:
    """Return whom an address is counted for: itself, or the network an IPv6 host chooses from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _ONE_SITE), strict=False))


def address_digest(address: str | None) -> str:
    """Return what stands for an address; empty for this machine, whose address nobody tells us."""
    if not address:
        return ""
    source = source_of(address).encode("utf-8", "replace")
    return hmac.new(secret_key(clv_home()), source, hashlib.sha256).hexdigest()
