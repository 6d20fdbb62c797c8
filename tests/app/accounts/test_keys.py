"""The key file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from app.accounts.keys import KeyFileError, derived_key, secret_key


def test_the_key_is_made_once_private_and_32_bytes_long(tmp_path):
    first = secret_key(tmp_path)
    assert len(first) == 32
    assert secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_two_homes_have_two_keys(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    one.mkdir()
    other.mkdir()
    assert secret_key(one) != secret_key(other)


def test_keys_for_two_purposes_differ_and_stay(tmp_path):
    cookie, server = derived_key(tmp_path, "sign-in cookie"), derived_key(tmp_path, "server cookie")
    assert cookie != server
    assert len(cookie) == len(server) == 64
    assert cookie == derived_key(tmp_path, "sign-in cookie")
    assert secret_key(tmp_path).hex() not in (cookie, server)


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_others_can_read_is_refused(tmp_path, mode):
    secret_key(tmp_path)
    os.chmod(tmp_path / "secret.key", mode)
    with pytest.raises(KeyFileError) as refused:
        secret_key(tmp_path)
    assert refused.value.code == "KEY_EXPOSED"


def test_a_truncated_key_is_refused(tmp_path):
    secret_key(tmp_path)
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(KeyFileError) as refused:
        secret_key(tmp_path)
    assert refused.value.code == "KEY_DAMAGED"


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    script = (
        "import sys; from pathlib import Path; from app.accounts.keys import secret_key; "
        "print(secret_key(Path(sys.argv[1])).hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=300)[0] for process in started}) == 1
