"""``clv sample``: a file to try the program on, never over another."""

from __future__ import annotations

import pandas as pd

from clvcore.sample import sample_orders


def test_sample_writes_the_generated_shop(clv, strict_json, orders, tmp_path):
    out = tmp_path / "orders.csv"
    done = clv("sample", "--customers", 30, "--seed", 5, "--out", out, "--json")
    assert done.exit_code == 0
    frame = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert strict_json(done.stdout)["rows"] == len(frame)
    expected = sample_orders(30, seed=5).fillna("")
    assert frame.to_numpy().tolist() == expected.to_numpy().tolist()


def test_sample_never_overwrites_a_file(clv, orders, tmp_path):
    out = tmp_path / "orders.csv"
    out.write_text("mine")
    done = clv("sample", "--out", out)
    assert done.exit_code == 1
    assert out.read_text() == "mine"
    assert "Name another file" in done.stderr


def test_sample_into_a_folder_that_is_not_there_is_refused(clv, orders, tmp_path):
    done = clv("sample", "--customers", 5, "--out", tmp_path / "no" / "orders.csv")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)


def test_a_shop_without_customers_is_wrong_usage(clv, tmp_path):
    assert clv("sample", "--customers", 0, "--out", tmp_path / "x.csv").exit_code == 2
    assert not (tmp_path / "x.csv").exists()
