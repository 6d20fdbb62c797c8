"""The engine isolates its callers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest

import clvcore as clv
from clvcore.engines import engine


def total(n: int) -> int:
    table = pa.table({"a": list(range(n))})
    return engine().run("SELECT SUM(a) AS s FROM numbers", {}, numbers=table)["s"][0].as_py()


def test_callers_at_the_same_time_see_only_their_own_table():
    sizes = [10 + k for k in range(60)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(total, sizes)) == [n * (n - 1) // 2 for n in sizes]


def test_a_table_is_gone_after_its_statement():
    total(3)
    with pytest.raises(duckdb.CatalogException):
        engine().run("SELECT * FROM numbers", {})


def test_parameters_are_bound_not_formatted():
    table = pa.table({"name": ["o'brien", "x"]})
    found = engine().run("SELECT * FROM t WHERE name = $name", {"name": "o'brien"}, t=table)
    assert found.num_rows == 1


def test_the_engine_cannot_read_files():
    with pytest.raises(duckdb.PermissionException):
        engine().run("SELECT * FROM read_csv('/etc/hostname')", {})


def test_an_unknown_engine_is_named():
    with pytest.raises(clv.EngineError, match="oracle"):
        engine("oracle")


def test_what_is_missing_comes_back_missing_and_the_rest_keeps_its_kind():
    sql = "SELECT n, CASE WHEN n > 1 THEN n END AS some, n > 1 AS many, 'é' AS word, n / 2 AS half"
    found = engine().run(f"{sql} FROM t ORDER BY n", {}, t=pa.table({"n": [1, 2]}))
    assert found.to_pydict() == {
        "n": [1, 2], "some": [None, 2], "many": [False, True], "word": ["é", "é"], "half": [0.5, 1],
    }  # fmt: skip
    assert [str(kind) for kind in found.schema.types[:3]] == ["int64", "int64", "bool"]


def test_an_answer_without_rows_has_its_columns():
    found = engine().run("SELECT n, n * 2 AS twice FROM t WHERE n > 5", {}, t=pa.table({"n": [1]}))
    assert (found.num_rows, found.column_names) == (0, ["n", "twice"])
