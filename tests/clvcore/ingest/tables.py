"""Small tables the rows of the reliability notes are tried on."""

from __future__ import annotations

import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

NAMES = "customer_id,date,amount"
IDS = [
    "007", "7", "1e5", "100000", "12345678901234567", "12345678901234568", "TRUE", "False", "NA",
    "null", "None", "nan", "N/A", "0x1F", "1_000", "+5", "-", "1.0", "Ä", "true",
]  # fmt: skip


def orders(*rows, names=NAMES, ends="\n"):
    return ends.join([names, *rows, ""]).encode()


def text(*cells):
    return pa.chunked_array([pa.array(list(cells), pa.string())])


def book(*rows, epoch=None):
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def balanced(quality):
    assert quality.rows_in == quality.rows_used + sum(quality.rows_dropped.values())
    parts = [quality.amount_used, *quality.amount_dropped.values()]
    assert sum(parts) == pytest.approx(quality.amount_in, rel=1e-12)
    return quality


def codes(notices):
    return [notice.code for notice in notices]
