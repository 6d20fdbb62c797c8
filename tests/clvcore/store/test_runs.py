"""A saved folder is there completely or not at all, and gives back exactly what was saved."""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import fields, replace

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

from clvcore.ingest import read_transactions
from clvcore.records.config import ForecastConfig, Segmentation
from clvcore.records.errors import StoreError
from clvcore.records.state import State
from clvcore.records.trust import CommonFactor, Trust
from clvcore.runs.forecast import forecast
from clvcore.sample import sample_orders
from clvcore.store import (
    load_prediction,
    load_run,
    load_transactions,
    read_manifest,
    save_run,
    save_transactions,
)
from clvcore.store.strict_json import to_json

TRUST_FRAMES = ("coverage", "totals", "pit", "calibration")
FRAMES = (
    "customers", "totals", "cohorts", "timeline", "leaderboard", "weights", "distribution",
    "milestones", "drift",
)  # fmt: skip
RUN_FILES = (
    "customers.parquet", "totals.parquet", "cohorts.parquet", "timeline.parquet",
    "backtest.parquet", "quality.json", "rejected.parquet",
    "distribution.parquet", "milestones.parquet", "coverage.parquet", "past_totals.parquet",
    "pit.parquet", "calibration.parquet", "prediction.parquet", "state.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def transactions():
    return read_transactions(sample_orders(200, seed=1), currency="EUR")


@pytest.fixture(scope="module")
def run(transactions):
    config = ForecastConfig(
        horizon_days=100, model="mbg_nbd", segmentation=Segmentation(high=0.1), seed=4
    )
    return forecast(transactions, config)


@pytest.fixture(scope="module")
def full_run(run, make_trust):
    """The same run with every frame filled, and with trained trees."""
    return replace(
        run,
        trust=make_trust(season_seen=float("nan"), level_uncertainty=0.1 + 0.2),
        common=CommonFactor(shop=0.1 + 0.2, group=0.25, t=2.306, z=1.96),
        distribution=pd.DataFrame(
            {"buys": np.linspace(0.1, 1.0, len(run.customers)), "spread": 1 / 3},
            index=run.customers.index,
        ),
        state=State(
            member="ml",
            learned={"parameters": {"seasonal_mbg": {"r": 0.1 + 0.2}}, "buyers": 500},
            files={"lightgbm.txt": b"tree\r\nversion=v4\n", "xgboost.json": bytes(range(256))},
        ),
        weights=pd.DataFrame({"model": ["a", "b"], "class": ["x", "y"], "weight": [0.25, 1 / 3]}),
        leaderboard=pd.DataFrame(
            {"rmse": [1.5, np.nan], "mae": [0.5, 2.0]}, index=pd.Index(["a", "b"], name="model")
        ),
        cohorts=pd.DataFrame(
            {
                "cohort": pd.Categorical(["2024Q1", "2024Q2"], ordered=True),
                "month_index": np.array([1, 2], dtype="int32"),
                "retention": [0.5, np.nan],
                "kind": pd.array(["observed", None], dtype="str"),
            }
        ),
        parameters={"mbg_nbd": {"r": 0.1 + 0.2, "alpha": float("nan")}},
        drift=pd.DataFrame(
            {
                "measure": ["T"],
                "statistic": ["psi"],
                "then": [1 / 3],
                "now": [0.5],
                "value": [0.3],
                "lower": [0.0],
                "upper": [0.2],
                "drifted": [True],
            }
        ).astype({"measure": "str", "statistic": "str"}),
    )


def assert_same_run(loaded, saved):
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(saved, name))
        assert getattr(loaded, name).index.names == getattr(saved, name).index.names
    pd.testing.assert_frame_equal(loaded.quality.rejected, saved.quality.rejected)
    assert loaded.quality.to_dict() == saved.quality.to_dict()
    assert_same_trust(loaded.trust, saved.trust)
    for field in fields(saved):
        if field.name not in (*FRAMES, "quality", "parameters", "trust", "prediction"):
            assert getattr(loaded, field.name) == getattr(saved, field.name), field.name
    for before, after in zip(saved.warnings, loaded.warnings, strict=True):
        assert vars(after) == vars(before)
    assert loaded.parameters.keys() == saved.parameters.keys()
    for name, row in saved.parameters.items():
        assert loaded.parameters[name] == pytest.approx(row, rel=0, abs=0, nan_ok=True)


def assert_same_trust(loaded, saved):
    for name in TRUST_FRAMES:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(saved, name))
    for field in fields(saved):
        if field.name not in TRUST_FRAMES:
            found, kept = getattr(loaded, field.name), getattr(saved, field.name)
            assert found == kept or (np.isnan(found) and np.isnan(kept)), field.name
    assert [vars(reason) for reason in loaded.reasons] == [vars(r) for r in saved.reasons]


def test_a_run_comes_back_equal(run, tmp_path):
    save_run(run, tmp_path / "run")
    assert_same_run(load_run(tmp_path / "run"), run)


def test_a_run_with_every_frame_filled_comes_back_equal(full_run, tmp_path):
    save_run(full_run, tmp_path / "run")
    assert_same_run(load_run(tmp_path / "run"), full_run)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_days_keep_the_unit_they_were_held_in(run, tmp_path, unit):
    days = run.customers.assign(first_purchase=pd.Timestamp("2024-02-29").as_unit(unit))
    save_run(replace(run, customers=days), tmp_path / "run")
    pd.testing.assert_frame_equal(load_run(tmp_path / "run").customers, days)


def test_a_run_that_was_saved_twice_comes_back_equal(full_run, tmp_path):
    save_run(full_run, tmp_path / "one")
    months = load_prediction(tmp_path / "one")
    save_run(replace(load_run(tmp_path / "one"), prediction=months), tmp_path / "two")
    assert_same_run(load_run(tmp_path / "two"), full_run)
    for name in RUN_FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_manifest_says_what_a_list_of_runs_needs(run, tmp_path):
    at = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    save_run(run, tmp_path / "run", created_at=at, extra={"dataset": "orders", "user": "ana"})
    manifest = read_manifest(tmp_path / "run")
    assert manifest["kind"] == "run"
    assert manifest["created_at"] == "2026-01-02T03:04:05+00:00"
    assert manifest["extra"] == {"dataset": "orders", "user": "ana"}
    assert manifest["metrics"]["customers"] == len(run.customers)
    assert manifest["metrics"]["clv"] == pytest.approx(run.customers["clv"].sum(), rel=1e-12)
    assert manifest["config"] == run.config.to_dict()
    assert manifest["data_hash"] == run.data_hash
    assert set(manifest["files"]) == {*RUN_FILES, *run.state.files}
    assert set(manifest["versions"]) >= {"clv", "numpy", "pandas", "scipy", "lifetimes", "duckdb"}
    assert manifest["versions"]["pandas"] == pd.__version__
    assert manifest["versions"]["xgboost"] == xgboost.__version__
    assert manifest["versions"]["lightgbm"] == lightgbm.__version__


def test_json_files_are_strict(full_run, tmp_path):
    def refuse(name):
        raise AssertionError(name)

    save_run(full_run, tmp_path / "run")
    for name in ("manifest.json", "quality.json"):
        json.loads((tmp_path / "run" / name).read_text("utf-8"), parse_constant=refuse)


def test_an_empty_folder_is_used_and_parents_are_made(run, tmp_path):
    (tmp_path / "empty").mkdir()
    save_run(run, tmp_path / "empty")
    save_run(run, tmp_path / "not" / "there" / "yet")
    assert load_run(tmp_path / "empty").model == load_run(tmp_path / "not/there/yet").model


def test_a_folder_in_use_is_refused_untouched(run, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(StoreError) as refusal:
        save_run(run, tmp_path)
    assert refusal.value.code == "RUN_FOLDER_IN_USE"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_way_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("keep")
    with pytest.raises(StoreError) as in_place:
        save_run(run, tmp_path / "file")
    with pytest.raises(StoreError) as above:
        save_run(run, tmp_path / "file" / "run")
    assert (in_place.value.code, above.value.code) == ("RUN_FOLDER_IN_USE", "RUN_UNWRITABLE")


def test_whichever_write_fails_nothing_is_left_behind(run, tmp_path, monkeypatch):
    """Let the n-th flush fail, n = 1, 2, 3, ... until a save passes."""
    real = os.fsync
    # the files, the manifest, the folder and the folder it stands in
    for failing in range(1, len(RUN_FILES) + 4):
        calls = iter(range(1, 10_000))

        def full_disk(descriptor, calls=calls, failing=failing):
            if next(calls) == failing:
                raise OSError(28, "No space left on device")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", full_disk)
        with pytest.raises(StoreError, match="No space left") as refusal:
            save_run(run, tmp_path / "run")
        assert refusal.value.code == "RUN_UNWRITABLE"
        assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(os, "fsync", real)
    save_run(run, tmp_path / "run")
    assert_same_run(load_run(tmp_path / "run"), run)


def test_a_killed_save_leaves_no_half_folder(transactions, tmp_path):
    script = textwrap.dedent("""
        import itertools, pathlib, sys
        from clvcore.store import load_transactions, save_transactions
        home = pathlib.Path(sys.argv[1])
        kept = load_transactions(home / "first")
        for number in itertools.count():
            save_transactions(kept, home / f"copy{number}")
            print(number, flush=True)
    """)
    save_transactions(transactions, tmp_path / "first")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        time.sleep(0.2)
        child.kill()
    copies = [path for path in tmp_path.iterdir() if path.name.startswith("copy")]
    assert copies
    for path in copies:
        assert load_transactions(path).content_hash == transactions.content_hash


@pytest.mark.parametrize("name", [*RUN_FILES, "lightgbm.txt", "xgboost.json"])
def test_a_changed_or_missing_file_is_damage(full_run, tmp_path, name):
    save_run(full_run, tmp_path / "run")
    path = tmp_path / "run" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    read = load_prediction if name == "prediction.parquet" else load_run
    with pytest.raises(StoreError) as changed:
        read(tmp_path / "run")
    path.unlink()
    with pytest.raises(StoreError) as missing:
        read(tmp_path / "run")
    assert (changed.value.code, missing.value.code) == ("RUN_DAMAGED", "RUN_DAMAGED")
    assert str(tmp_path) not in str(changed.value) + str(missing.value)


def test_what_is_not_measured_comes_back_as_not_measured(run, tmp_path):
    save_run(replace(run, trust=Trust()), tmp_path / "run")
    assert_same_trust(load_run(tmp_path / "run").trust, Trust())


def test_the_verdict_is_in_the_manifest_and_the_trees_in_files_of_their_own(full_run, tmp_path):
    save_run(full_run, tmp_path / "run")
    kept = read_manifest(tmp_path / "run")["trust"]
    assert (kept["verdict"], kept["window_days"], kept["is_full_length"]) == ("good", 365, True)
    for name, content in full_run.state.files.items():
        assert (tmp_path / "run" / name).read_bytes() == content


def _sealed_anew(folder, **changes):
    """Write the manifest again, its own digest included, as another program could."""
    path = folder / "manifest.json"
    about = {**json.loads(path.read_text("utf-8")), **changes}
    plain = {key: value for key, value in about.items() if key != "sha256" and value is not None}
    digest = hashlib.sha256(to_json(plain)).hexdigest()
    path.write_bytes(to_json({**plain, "sha256": digest}, indent=2))


def test_a_run_from_before_trust_trees_and_total_ranges_still_opens(full_run, tmp_path):
    save_run(full_run, tmp_path / "run")
    files = read_manifest(tmp_path / "run")["files"]
    del files["distribution.parquet"], files["state.json"]
    _sealed_anew(tmp_path / "run", format=1, trust=None, common=None, files=files)
    old = load_run(tmp_path / "run")
    assert_same_trust(old.trust, Trust())
    assert old.state is None
    assert old.common is None
    assert np.isnan(old.total(old.customers.index)["clv_lower"])


def test_any_selection_has_the_same_total_after_the_trip(full_run, tmp_path):
    save_run(full_run, tmp_path / "run")
    ids = list(full_run.customers.index[::3])
    total = full_run.total(ids)
    assert total["clv_lower"] < total["clv"] < total["clv_upper"]
    pd.testing.assert_series_equal(load_run(tmp_path / "run").total(ids), total, check_exact=True)


def test_a_manifest_that_names_a_file_outside_its_folder_is_damage(run, tmp_path):
    secret = b"not of this run"
    (tmp_path / "secret.txt").write_bytes(secret)
    save_run(run, tmp_path / "run")
    files = read_manifest(tmp_path / "run")["files"]
    files["../secret.txt"] = hashlib.sha256(secret).hexdigest()
    del files["state.json"]
    clocks = {"seasonal_mbg": {"edges": [0.0, 90.0], "speeds": [1.0]}}
    parameters = {"seasonal_mbg": {"r": 1.0}}
    _sealed_anew(
        tmp_path / "run", format=1, boosters=["../secret.txt"], files=files, clocks=clocks,
        parameters=parameters,
    )  # fmt: skip
    with pytest.raises(StoreError) as refusal:
        load_run(tmp_path / "run")
    assert refusal.value.code == "RUN_DAMAGED"


def test_any_changed_byte_of_the_manifest_is_damage(run, tmp_path):
    save_run(run, tmp_path / "run")
    path = tmp_path / "run" / "manifest.json"
    content = path.read_bytes()
    for place in range(0, len(content), 23):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(StoreError) as refusal:
            read_manifest(tmp_path / "run")
        assert refusal.value.code in ("RUN_DAMAGED", "RUN_NEWER")
    for length in (0, 1, len(content) // 2, len(content) - 3):
        path.write_bytes(content[:length])
        with pytest.raises(StoreError, match="not what was saved"):
            read_manifest(tmp_path / "run")


@pytest.mark.parametrize("text", ["[]", "7", "null", '{"format": "one"}', "{}", "\x00"])
def test_a_manifest_of_another_shape_is_damage(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(StoreError) as refusal:
        load_run(tmp_path)
    assert refusal.value.code == "RUN_DAMAGED"


def test_a_folder_without_manifest_holds_no_run(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreError) as refusal:
            load_run(place)
        assert refusal.value.code == "RUN_MISSING"


def test_a_later_format_asks_for_an_update(run, tmp_path):
    save_run(run, tmp_path / "run")
    path = tmp_path / "run" / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"format": 2', b'"format": 3'))
    with pytest.raises(StoreError, match="Update") as refusal:
        load_run(tmp_path / "run")
    assert refusal.value.code == "RUN_NEWER"


def test_a_run_is_not_mistaken_for_transactions(run, transactions, tmp_path):
    save_run(run, tmp_path / "run")
    save_transactions(transactions, tmp_path / "data")
    with pytest.raises(StoreError) as no_data:
        load_transactions(tmp_path / "run")
    with pytest.raises(StoreError) as no_run:
        load_run(tmp_path / "data")
    assert (no_data.value.code, no_run.value.code) == ("DATA_MISSING", "RUN_MISSING")


def test_the_forecast_month_by_month_comes_back(run, tmp_path):
    save_run(run, tmp_path / "run")
    read = load_prediction(tmp_path / "run")
    for name in ("purchases", "revenue", "p_alive", "p_purchase", "purchase_value"):
        np.testing.assert_allclose(getattr(read, name), getattr(run.prediction, name), rtol=1e-6)
    assert list(read.index) == list(run.customers.index)


def test_a_run_saved_without_its_months_has_none(run, tmp_path):
    save_run(replace(run, prediction=None), tmp_path / "run")
    assert load_prediction(tmp_path / "run") is None
