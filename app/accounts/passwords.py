"""What a password must look like, and how it is kept: bcrypt over its NFKC form."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

import bcrypt

from clvcore.records.errors import ClvError

SHORTEST, LONGEST, MOST_BYTES = 12, 64, 72
COST = 12  # powers of two of bcrypt rounds: about a quarter of a second


class AccountError(ClvError):
    """An account cannot be made or changed as asked."""


def normalized(password: str) -> str:
    """Return the one form of a text that looks the same typed on any keyboard."""
    return unicodedata.normalize("NFKC", password)


def check_rules(password: str) -> str:
    """Return the normalized password.

    Raises
    ------
    AccountError
        If it is too short, too long, or holds blanks at its ends or control characters.
    """
    password = normalized(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(
            "PASSWORD_LENGTH",
            "A password has {shortest} to {longest} characters, this one has {length}. A few "
            "unrelated words work well.",
            shortest=SHORTEST, longest=LONGEST, length=len(password),
        )  # fmt: skip
    if _size(password) > MOST_BYTES:
        raise AccountError(
            "PASSWORD_BYTES",
            "This password takes {size} bytes and at most {most} are kept. Use fewer characters "
            "outside the Latin alphabet.",
            size=_size(password), most=MOST_BYTES,
        )  # fmt: skip
    if password != password.strip() or any(unicodedata.category(c) == "Cc" for c in password):
        raise AccountError(
            "PASSWORD_BLANKS",
            "A password cannot begin or end with a blank or hold control characters. Remove them.",
        )
    return password


def random_password() -> str:
    """Return a new password of 120 random bits."""
    return secrets.token_urlsafe(15)


def hashed(password: str) -> str:
    """Return the bcrypt hash of a password that keeps the rules."""
    return bcrypt.hashpw(check_rules(password).encode(), bcrypt.gensalt(COST)).decode()


def matches(password: str, kept: str | None) -> bool:
    """Tell whether the password is the kept one; takes as long when there is none to compare."""
    password = normalized(password)
    possible = 0 < _size(password) <= MOST_BYTES and "\0" not in password
    typed = password.encode() if possible else b"not a password at all"
    same = bcrypt.checkpw(typed, (kept or _nobody(COST)).encode())
    return same and possible and kept is not None


def _size(password: str) -> int:
    return len(password.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=2)
def _nobody(cost: int) -> str:
    return bcrypt.hashpw(secrets.token_bytes(16).hex().encode(), bcrypt.gensalt(cost)).decode()
