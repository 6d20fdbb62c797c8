"""The one secret of an installation: 32 random bytes, readable by their owner alone."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import sys
from pathlib import Path

from clvcore.records.errors import ClvError

KEY_BYTES = 32


class KeyFileError(ClvError):
    """The key file is damaged or readable by others."""


def secret_key(home: Path) -> bytes:
    """Return the installation's key, made on first use.

    Raises
    ------
    KeyFileError
        If the file has another length, is not random, or others may read it.
    """
    file = home / "secret.key"
    if not file.exists():
        _create(file)
    _check_mode(file)
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileError(
            "KEY_DAMAGED",
            "The key file secret.key holds {found} bytes instead of {wanted}. Delete it to make a "
            "new one; everybody then signs in again.",
            found=len(key), wanted=KEY_BYTES,
        )  # fmt: skip
    _check_random(key)
    return key


def derived_key(home: Path, purpose: str) -> str:
    """Return 64 hex digits for one purpose; knowing them reveals no other purpose's."""
    return hmac.new(secret_key(home), purpose.encode(), hashlib.sha256).hexdigest()


def _create(file: Path) -> None:
    # written aside and linked: a second process sees the whole key or none
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            return  # the other process was first: its key counts
    finally:
        draft.unlink()


def _check_random(key: bytes) -> None:
    # 32 random bytes are text, or as few different ones, once in a hundred million million
    if len(set(key)) < KEY_BYTES // 2 or all(0x20 <= byte < 0x7F for byte in key):
        raise KeyFileError(
            "KEY_WEAK",
            "The key file secret.key holds a text or a pattern, not random bytes. Delete it to "
            "make a new one; everybody then signs in again.",
        )


def _check_mode(file: Path) -> None:
    if sys.platform == "win32":
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise KeyFileError(
            "KEY_EXPOSED",
            "The key file secret.key can be read by other users of this machine (mode {mode}). Run "
            "chmod 600 on it, or delete it to make a new one.",
            mode=f"{mode:03o}",
        )  # fmt: skip
