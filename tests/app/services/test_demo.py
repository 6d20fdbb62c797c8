"""The sample is there for a first look, and stays out of the way of real data."""

from __future__ import annotations

from app.services import datasets, runs
from app.services.demo import ensure_sample
from clvcore.sample import sample_orders


def test_an_empty_house_gets_the_sample_and_its_forecast(home, monkeypatch):
    monkeypatch.setattr(datasets, "sample_orders", lambda: sample_orders(400, seed=5))
    assert ensure_sample("local", "admin")
    (dataset,) = datasets.list_datasets("local")
    (entry,) = runs.list_runs("local")
    assert entry.dataset_id == dataset.id
    assert entry.horizon_months == 12
    assert entry.customers == dataset.customers
    assert not ensure_sample("local", "admin")
    assert len(runs.list_runs("local")) == 1


def test_a_house_with_data_is_left_alone(home):
    datasets.add_sample("local", "cdnow")
    assert not ensure_sample("local", "admin")
    assert len(datasets.list_datasets("local")) == 1
