"""A manifest is read once a version, whoever asks."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from app.services import manifests
from app.storage.home import tenant_folder
from clvcore.records.errors import StoreError
from clvcore.store import load_run, save_run


def test_the_verdict_follows_the_file(filled_home):
    folder = tenant_folder("local", "runs") / filled_home.run_id
    run = load_run(folder)
    assert manifests.verdict_of("local", filled_home.run_id) == run.trust.verdict
    assert manifests.manifest_of("local", filled_home.run_id)["model"] == run.model
    other = replace(run, trust=replace(run.trust, verdict="weak"), model="naive")
    shutil.rmtree(folder)
    save_run(other, folder)
    assert manifests.verdict_of("local", filled_home.run_id) == "weak"
    assert manifests.manifest_of("local", filled_home.run_id)["model"] == "naive"


def test_another_tenant_has_none_of_it(filled_home):
    manifests.verdict_of("local", filled_home.run_id)
    for ask in (manifests.verdict_of, manifests.manifest_of):
        with pytest.raises(StoreError):
            ask("rival", filled_home.run_id)


def test_few_are_kept():
    assert manifests._read.cache_parameters()["maxsize"] == 8
    assert manifests._verdict.cache_parameters()["maxsize"] == 1_000
