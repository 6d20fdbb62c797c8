"""From a dropped file to a saved dataset, and the two samples."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.services import datasets
from app.services.checks import figures
from clvcore.ingest import read_transactions
from clvcore.records.errors import ConfigError, DataError, MappingError, ReadError, StoreError

TENANT = "local"


def test_a_check_accounts_for_every_row_before_anything_is_saved(intake, orders_csv):
    check = datasets.check(TENANT, intake.content_hash, intake.mapping, "EUR")
    quality = check.quality
    assert quality.rows_in == orders_csv.count(b"\n") - 1
    assert quality.rows_in == quality.rows_used + sum(quality.rows_dropped.values())
    assert check.customers == quality.customers_used
    assert 0 < check.repeat_share < 1
    assert check.first_day < check.last_day
    assert len(check.preview) == 5
    assert datasets.list_datasets(TENANT) == []


def test_the_figures_are_those_of_the_orders_themselves(intake, orders_csv):
    check = datasets.check(TENANT, intake.content_hash, intake.mapping, "EUR")
    direct = read_transactions(orders_csv, mapping=intake.mapping, currency="EUR")
    kept = direct.lines.filter(direct.lines["kept"]).to_pandas()
    days = kept.drop_duplicates(["customer_id", "purchase_date"])
    assert check.purchase_days == len(days)
    assert check.customers == days["customer_id"].nunique()
    assert check.repeat_share == pytest.approx(
        (days.groupby("customer_id").size() > 1).mean(), rel=1e-12
    )


def test_a_saved_file_is_listed_loaded_and_its_upload_deleted(saved, intake, orders_csv, home):
    assert datasets.list_datasets(TENANT) == [saved]
    assert (saved.name, saved.currency) == ("our shop.csv", "EUR")
    loaded = datasets.load(TENANT, saved.id)
    direct = read_transactions(orders_csv, mapping=intake.mapping, currency="EUR")
    assert loaded.content_hash == direct.content_hash
    assert loaded.lines.equals(direct.lines)
    assert saved.rows == loaded.quality.rows_used
    assert (saved.first_day, saved.last_day) == (loaded.first_day, loaded.last_day)
    assert datasets.check_saved(TENANT, saved.id).customers == saved.customers
    assert list((home / "tenants" / TENANT / "uploads").iterdir()) == []
    with pytest.raises(ReadError, match="Drop it again"):
        datasets.save(TENANT, intake.content_hash, "x", intake.mapping, None)


def test_the_newest_dataset_comes_first(saved):
    newer = datasets.add_sample(TENANT, "cdnow")
    assert [dataset.id for dataset in datasets.list_datasets(TENANT)] == [newer.id, saved.id]


def test_another_tenant_sees_nothing_of_it(saved):
    assert datasets.list_datasets("other") == []
    for use in (datasets.load, datasets.check_saved, datasets.delete):
        with pytest.raises(StoreError) as refused:
            use("other", saved.id)
        assert refused.value.code == "DATASET_UNKNOWN"
    assert datasets.load(TENANT, saved.id).quality.rows_used == saved.rows


def test_an_upload_of_one_tenant_is_not_there_for_another(intake):
    with pytest.raises(ReadError) as refused:
        datasets.check("other", intake.content_hash, intake.mapping)
    assert refused.value.code == "UPLOAD_GONE"


@pytest.mark.parametrize("dataset_id", ["", "../../x", "0" * 32, "' or 1=1 --"])
def test_an_unknown_dataset_is_refused(home, dataset_id):
    with pytest.raises(StoreError) as refused:
        datasets.load(TENANT, dataset_id)
    assert refused.value.code == "DATASET_UNKNOWN"


def test_a_deleted_dataset_is_gone_from_disk(saved, home):
    datasets.load(TENANT, saved.id)
    datasets.delete(TENANT, saved.id)
    assert datasets.list_datasets(TENANT) == []
    assert list((home / "tenants" / TENANT / "datasets").iterdir()) == []
    with pytest.raises(StoreError):
        datasets.load(TENANT, saved.id)


def test_a_mapping_that_does_not_fit_is_refused_and_can_be_mended(intake, reads_here):
    wrong = replace(intake.mapping, amount="nothing")
    with pytest.raises(MappingError, match="order_date"):
        datasets.check(TENANT, intake.content_hash, wrong)
    with pytest.raises(DataError):
        datasets.check(TENANT, intake.content_hash, replace(intake.mapping, amount="email"))
    assert datasets.check(TENANT, intake.content_hash, intake.mapping).customers > 0


def test_the_published_sample_has_its_2357_customers(home):
    dataset = datasets.add_sample(TENANT, "cdnow")
    assert (dataset.customers, dataset.rows, dataset.currency) == (2357, 6919, "USD")
    assert dataset.first_day == dt.date(1997, 1, 1)


def test_a_sample_that_does_not_exist_is_refused(home):
    with pytest.raises(ConfigError) as refused:
        datasets.add_sample(TENANT, "nile")
    assert refused.value.code == "SAMPLE_UNKNOWN"


def _orders(*days: str):
    rows = "".join(f"c{i % 2},{day},10.50\n" for i, day in enumerate(days))
    return read_transactions(f"customer_id,date,amount\n{rows}".encode())


def test_the_longest_gap_lies_between_two_days_with_orders():
    check = figures(_orders("2024-01-01", "2024-01-02", "2024-01-09", "2024-01-11"))
    assert check.longest_gap == (dt.date(2024, 1, 2), dt.date(2024, 1, 9))


@pytest.mark.parametrize("days", [("2024-01-01", "2024-01-02"), ("2024-01-01", "2024-01-01")])
def test_without_a_day_missing_there_is_no_gap(days):
    assert figures(_orders(*days)).longest_gap is None
