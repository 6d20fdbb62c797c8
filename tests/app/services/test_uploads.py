"""A dropped file: looked into by a child, kept for a day, never trusted."""

from __future__ import annotations

import datetime as dt
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import sandbox, uploads
from app.services.kept_uploads import forget_old
from app.services.uploads import display_name, inspect_upload
from clvcore.records.errors import DataError, ReadError

TENANT = "local"


def test_a_file_is_described_before_anything_is_decided(intake, orders_csv):
    assert intake.name == "our shop.csv"
    assert {"order_id", "customer_id", "order_date", "amount"} <= set(intake.columns)
    assert intake.rows == orders_csv.count(b"\n") - 1
    assert len(intake.preview) == 5
    assert tuple(intake.preview.columns) == intake.columns
    assert intake.mapping is not None
    assert (intake.mapping.customer_id, intake.mapping.date, intake.mapping.amount) == (
        "customer_id", "order_date", "amount",
    )  # fmt: skip
    assert intake.problem is None


def test_the_same_file_is_read_once(intake, orders_csv, monkeypatch):
    def no_child(*_):
        raise AssertionError("read again")

    monkeypatch.setattr(sandbox, "_run", no_child)
    again = inspect_upload(TENANT, "our shop.csv", orders_csv)
    assert again.mapping == intake.mapping
    assert again.preview.equals(intake.preview)


def test_columns_that_cannot_be_told_apart_are_a_problem_to_solve_not_an_error(home, reads_here):
    intake = inspect_upload(TENANT, "x.csv", b"a,b\nx,y\nu,v\n")
    assert intake.mapping is None
    assert intake.problem is not None
    assert "a" in str(intake.problem)
    assert intake.preview["a"].tolist() == ["x", "u"]


@pytest.mark.parametrize("data", [b"", b"a,b,c\n", b"%PDF-1.7 not a table", b"\0" * 4000])
def test_a_file_that_is_no_table_is_refused_with_a_code(home, reads_here, data):
    with pytest.raises(DataError) as refused:
        inspect_upload(TENANT, "x.csv", data)
    assert refused.value.code.isupper()
    assert str(home) not in str(refused.value)


def test_f7_a_file_beyond_the_limit_is_refused_before_it_is_kept(home, reads_here, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 11)
    for data in (b"a,b\n" * 1000, b"a,b,c\n1,2,34"):
        with pytest.raises(ReadError) as refused:
            inspect_upload(TENANT, "x.csv", data)
        assert refused.value.code == "TOO_LARGE"
        assert not list(home.rglob("*.bin"))
    assert inspect_upload(TENANT, "x.csv", b"a,b,c\n1,2,3").rows == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\orders.csv", "orders.csv"),
        ("\\\\host\\share\\a.csv", "a.csv"),
        ("a\0b\r\n.csv", "ab.csv"),
        ("invoice\u202evsc.exe", "invoicevsc.exe"),
        ("x" * 4000, "x" * 120),
        ("..", ".."),
        ("", "orders"),
        ("dir/", "orders"),
        ("a.exe:$x.csv", "a.exe:$x.csv"),
    ],
)
def test_of_a_hostile_file_name_only_a_harmless_part_is_shown(name, shown):
    assert display_name(name) == shown


def test_a_file_name_is_never_a_path(home, reads_here, orders_csv):
    before = {path.name for path in home.parent.iterdir()}
    intake = inspect_upload(TENANT, "../../../escaped.csv", orders_csv)
    assert intake.name == "escaped.csv"
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if "escaped" in path.name]
    assert {path.name for path in home.parent.iterdir()} - before <= {"home"}


@given(st.text())
def test_no_name_keeps_a_separator_or_anything_invisible(name):
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert not set(shown) & set("/\\\0\r\n\t\u202e\u200b")


def test_kept_bytes_are_private(home, intake, orders_csv):
    folder = home / "tenants" / TENANT / "uploads" / intake.content_hash
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_nobody_saved_is_gone_after_a_day(home, intake, orders_csv):
    folder = home / "tenants" / TENANT / "uploads" / intake.content_hash
    now = dt.datetime.now(dt.UTC)
    os.utime(folder)
    assert forget_old(TENANT, now=now + dt.timedelta(hours=23)) == 0
    assert folder.exists()
    assert forget_old(TENANT, now=now + dt.timedelta(hours=25)) == 1
    assert not folder.exists()


def test_looking_again_starts_the_day_again(home, intake, orders_csv):
    folder = home / "tenants" / TENANT / "uploads" / intake.content_hash
    hours_ago = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=23)).timestamp()
    os.utime(folder, (hours_ago, hours_ago))
    inspect_upload(TENANT, "our shop.csv", orders_csv)
    assert forget_old(TENANT, now=dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)) == 0


@pytest.mark.parametrize("digest", ["", "../../x", "0" * 64, "A" * 64])
def test_a_file_that_is_not_kept_asks_to_be_dropped_again(intake, digest):
    with pytest.raises(ReadError) as refused:
        uploads.checked_folder(TENANT, digest, intake.mapping, None)
    assert refused.value.code == "UPLOAD_GONE"
