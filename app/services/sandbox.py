"""Start the reading child, wait for it, and turn whatever becomes of it into a result or an error.

The child gets a fresh environment (no secret of ours), its own limits and a clock. Its results are
moved in place only once it has finished them, so a folder of results is complete or not there. It
writes its result last and whole: if that is there the work is done, however the process ended.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from app.services.parse_child import NO_ROOM, OF_THE_DISK, RESULT, Limits, Request
from app.workers.wire import error_from_json
from clvcore.records.errors import ReadError

WALL_SECONDS: float = 180
# 200 MB of CSV, the largest upload, take 1.8 GB of address space; a million lines take 1.1 GB
LIMITS = Limits(memory=2 * 2**30)
_AT_ONCE = threading.BoundedSemaphore(2)
_log = logging.getLogger(__name__)


def read_in_child(
    task: str,
    data: Path,
    done: Path,
    *,
    name: str,
    mapping: dict[str, Any] | None = None,
    currency: str | None = None,
    layout: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the child's result, kept in the folder ``done``; a second call reads it from there.

    Raises
    ------
    DataError
        What the reader refused, or ``UNREADABLE_FILE`` / ``TOO_SLOW`` when the child did not end
        well.
    """
    if not (done / RESULT).exists():
        request = Request(
            task=task, data=str(data), name=name, mapping=mapping, currency=currency,
            limits=LIMITS, layout=layout or {},
        )  # fmt: skip
        _run(request, done)
    result: dict[str, Any] = json.loads((done / RESULT).read_bytes())
    if "refused" in result:
        raise error_from_json(result["refused"])
    return result


def _run(request: Request, done: Path) -> None:
    work = done.with_name(f".{done.name}.{secrets.token_hex(8)}")
    try:
        work.mkdir(mode=0o700)
        (work / "request.json").write_text(request.to_json(), "utf-8")
        with _AT_ONCE:
            if (done / RESULT).exists():  # another session was first: its result is the same
                return
            _wait(work)
        try:
            work.rename(done)
        except OSError:
            if not (done / RESULT).exists():  # as above, in another process
                raise
    except OSError as error:
        if error.errno in OF_THE_DISK:
            raise no_room_error() from error
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _wait(work: Path) -> None:
    command = [sys.executable, "-P", "-m", "app.services.parse_child", str(work)]
    try:
        ended = subprocess.run(  # noqa: S603
            command, cwd=work, env=_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=WALL_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        if (work / RESULT).exists():
            return
        raise _too_slow(WALL_SECONDS) from None
    if (work / RESULT).exists():
        if ended.returncode:
            _log.info("reading child ended with %s after its result", ended.returncode)
        return
    _log.warning(
        "reading child ended with %s: %s",
        ended.returncode,
        ended.stderr[-2000:].decode("utf-8", "replace"),
    )
    if ended.returncode == NO_ROOM:
        raise no_room_error()
    if ended.returncode == -24:  # SIGXCPU: it used up its processor time
        raise _too_slow(LIMITS.cpu_seconds)
    raise ReadError(
        "UNREADABLE_FILE",
        "The file could not be read: it is damaged, or far larger inside than outside. Save it "
        "again as CSV and try once more.",
    )


def no_room_error() -> ReadError:
    """Return what to raise where a file cannot be kept, or what was read from it."""
    return ReadError(
        "UPLOAD_UNWRITABLE",
        "The file could not be kept: the disk is full or cannot be written to. Nothing was "
        "changed. Tell your administrator, and drop it again later.",
    )


def _too_slow(seconds: float) -> ReadError:
    return ReadError(
        "TOO_SLOW",
        "Reading the file took more than {seconds} seconds and was stopped. Split it, or save it "
        "as Parquet.",
        seconds=seconds,
    )


def _environment() -> dict[str, str]:
    """Keep what a Python needs to start, and nothing that is secret."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    here = str(Path(__file__).resolve().parents[2])
    return environment | {
        "PYTHONPATH": here,
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": "2",
        # each thread of the C library would reserve address space of its own
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
