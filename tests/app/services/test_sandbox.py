"""The child may be killed, starve or never end: its parent says so and goes on."""

from __future__ import annotations

import io
import os
import resource
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.services import sandbox
from app.services.parse_child import RESULT, Limits
from app.services.uploads import checked_folder, inspect_upload
from clvcore.records.errors import DataError, ReadError
from clvcore.store import load_transactions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resource limits are Linux's")


def _parquet_bomb() -> bytes:
    """A few hundred kilobytes that hold 60 million rows."""
    value = pa.array([0]).dictionary_encode().dictionary
    chunk = pa.DictionaryArray.from_arrays(pa.array([0] * 6_000_000, pa.int32()), value)
    table = pa.table({"customer": pa.chunked_array([chunk] * 10)})
    out = io.BytesIO()
    pq.write_table(table.append_column("amount", table["customer"]), out, compression="zstd")
    return out.getvalue()


def _zip_bomb() -> bytes:
    """A workbook of a few hundred kilobytes whose one sheet inflates to 400 megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        with book.open("xl/workbook.xml", "w", force_zip64=True) as sheet:
            for _ in range(100):
                sheet.write(b" " * 4_000_000)
    return out.getvalue()


@pytest.mark.parametrize("bomb", [_parquet_bomb, _zip_bomb])
def test_a_bomb_is_refused_and_its_reader_stays_small(home, monkeypatch, bomb):
    data = bomb()
    assert len(data) < 2_000_000
    monkeypatch.setattr(sandbox, "LIMITS", Limits(memory=800 * 2**20, cpu_seconds=20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError):
        inspect_upload("local", "bomb", data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100_000  # kilobytes


def test_running_out_of_memory_is_a_typed_refusal(home, monkeypatch, orders_csv):
    monkeypatch.setattr(sandbox, "LIMITS", Limits(memory=60 * 2**20))
    with pytest.raises(ReadError) as refused:
        inspect_upload("local", "x.csv", orders_csv)
    assert refused.value.code == "UNREADABLE_FILE"


def test_using_up_the_processor_time_is_a_typed_refusal(home, monkeypatch, orders_csv):
    header, rows = orders_csv.split(b"\n", 1)
    monkeypatch.setattr(sandbox, "LIMITS", Limits(cpu_seconds=1))
    with pytest.raises(ReadError) as refused:
        inspect_upload("local", "x.csv", header + b"\n" + rows * 1000)
    assert refused.value.code == "TOO_SLOW"
    assert "more than 1 seconds" in str(refused.value)


def test_a_child_that_does_not_end_is_ended(home, monkeypatch, orders_csv):
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.05)
    with pytest.raises(ReadError) as refused:
        inspect_upload("local", "x.csv", orders_csv)
    assert refused.value.code == "TOO_SLOW"
    assert refused.value.values["seconds"] == 0.05  # the clock, not the processor time


def test_after_a_crash_nothing_half_done_is_kept_and_the_next_try_works(
    home, monkeypatch, orders_csv
):
    with monkeypatch.context() as tight:
        tight.setattr(sandbox, "LIMITS", Limits(memory=60 * 2**20))
        with pytest.raises(ReadError):
            inspect_upload("local", "x.csv", orders_csv)
    assert list((home / "tenants" / "local" / "uploads").iterdir()) == []
    assert inspect_upload("local", "x.csv", orders_csv).mapping is not None


@pytest.fixture
def child_with(tmp_path, monkeypatch):
    """Have every reading child run some lines of Python before its own."""
    passed_on = sandbox._environment

    def prepare(lines: str) -> None:
        folder = tmp_path / "first"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(lines)

        def environment() -> dict[str, str]:
            kept = passed_on()
            return kept | {"PYTHONPATH": f"{folder}{os.pathsep}{kept['PYTHONPATH']}"}

        monkeypatch.setattr(sandbox, "_environment", environment)

    return prepare


@pytest.mark.parametrize("end", ["os.abort()", "os.kill(os.getpid(), signal.SIGSEGV)"])
def test_a_child_leaves_before_the_interpreter_is_taken_down(home, child_with, orders_csv, end):
    """What native threads do while Python ends, at every end instead of one in many."""
    child_with(f"import atexit, os, signal\natexit.register(lambda: {end})\n")
    assert inspect_upload("local", "x.csv", orders_csv).mapping is not None


@pytest.mark.parametrize("number", ["SIGABRT", "SIGSEGV", "SIGKILL", "SIGXCPU"])
def test_a_finished_result_counts_however_its_child_ended(home, child_with, orders_csv, number):
    child_with(
        "import atexit, os, signal\n"
        f"end = lambda *_: os.kill(os.getpid(), signal.{number})\n"
        "os._exit = end\n"
        "atexit.register(end)\n"
    )
    intake = inspect_upload("local", "x.csv", orders_csv)
    folder = checked_folder("local", intake.content_hash, intake.mapping, "EUR")
    assert load_transactions(folder).lines.num_rows > 400


def test_a_finished_result_counts_where_its_child_does_not_end(tmp_path, child_with, monkeypatch):
    child_with("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.2)
    (tmp_path / "work").mkdir()
    with pytest.raises(ReadError):
        sandbox._wait(tmp_path / "work")
    (tmp_path / "work" / RESULT).write_text("{}")
    sandbox._wait(tmp_path / "work")


def test_a_result_that_was_not_finished_does_not_count(home, child_with, orders_csv):
    """Killed with every byte of the result written, but before it got its name."""
    child_with(
        "import os, pathlib, signal\n"
        "pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with pytest.raises(ReadError) as refused:
        inspect_upload("local", "x.csv", orders_csv)
    assert refused.value.code == "UNREADABLE_FILE"


def test_the_child_sees_no_secret_of_its_parent(monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", "s3cret")
    monkeypatch.setenv("CLV_HOME", "somewhere")
    assert "s3cret" not in sandbox._environment().values()
    assert "CLV_HOME" not in sandbox._environment()
