"""The public client ``echointel``, unmodified: what it parses is what the library says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from echointel import EchoIntelClient
from echointel.exceptions import EchoIntelAuthenticationException, EchoIntelValidationException
from echointel.responses import ClvFeaturesResponse, ClvForecastResponse, RfmResponse

import clvcore as clv
from clvcore.features import take_snapshot


@pytest.fixture(scope="module")
def transactions(orders):
    mapping = clv.Mapping(
        customer_id="customer_id", date="date", amount="amount", order_id="order_id", decimal="."
    )
    return clv.read_transactions(pd.DataFrame(orders), mapping=mapping)


def signed_in(server, keys):
    """The client sends its id and secret to segmentation only; here they go in the address."""
    return server.url.replace("://", f"://{keys.tenant_id}:{keys.secret}@")


@pytest.fixture(scope="module")
def client(server):
    with EchoIntelClient(base_url=signed_in(server, server.first), retry_attempts=1) as client:
        yield client


def test_the_forecast_it_parses_is_ours(client, orders, transactions):
    run = clv.forecast(transactions, clv.ForecastConfig(horizon_months=6, confidence_level=0.8))
    known = run.customers
    said = client.customer_clv_forecast(
        {"data": orders, "forecast_horizon": 6, "confidence_level": 0.8}
    )
    parsed = ClvForecastResponse.from_dict(said)
    assert (parsed.best_algorithm, parsed.horizon_months) == (run.model, 6)
    assert parsed.evaluation_mae == pytest.approx(run.leaderboard["mae"][run.model], rel=1e-12)
    assert [row.customer_id for row in parsed.customers] == known.index.tolist()
    history = known["revenue_to_date"]
    expected = {
        "predicted_clv": history + known["clv"],
        "confidence_lower": history + known["clv_lower"],
        "confidence_upper": history + known["clv_upper"],
        "predicted_txns": known["expected_purchases"],
        "predicted_avg_margin": known["expected_purchase_value"],
    }
    for name, values in expected.items():
        found = [row[name] for row in parsed.customers]
        np.testing.assert_allclose(found, values, rtol=1e-9, err_msg=name)
        assert np.ptp(found) > 0
    assert [row["clv_tier"] for row in parsed.customers] == known["segment"].tolist()
    assert {row["algorithm_used"] for row in parsed.customers} == {run.model}
    first = parsed.customers[0]
    assert first["interpretation"].endswith(".")
    assert first["explanations"][0] == (
        f"Bought on {known['frequency'].iloc[0] + 1} days." if known["frequency"].iloc[0]
        else "Bought on 1 day."
    )  # fmt: skip


def test_the_features_it_parses_are_ours(client, orders, transactions):
    parsed = ClvFeaturesResponse.from_dict(client.customer_clv_features({"data": orders}))
    known = take_snapshot(transactions).customers
    assert [row.customer_id for row in parsed.customers] == known.index.tolist()
    expected = {
        "total_revenue": known["revenue_to_date"],
        "avg_order_value": known["revenue_to_date"] / known["n_orders"],
        "order_count": known["n_orders"],
        "customer_age_days": known["T"],
        "purchase_frequency": known["frequency"] + 1,
    }
    for name, values in expected.items():
        found = [getattr(row, name) for row in parsed.customers]
        np.testing.assert_allclose(found, values, rtol=1e-12, err_msg=name)
        assert np.ptp(found) > 0


def test_the_scores_it_parses_are_ours(client, orders, transactions):
    parsed = RfmResponse.from_dict(client.customer_rfm({"data": orders}))
    known = take_snapshot(transactions).customers
    rows = pd.DataFrame([row.to_dict() for row in parsed.customers]).set_index("customer_id")
    assert rows.index.tolist() == known.index.tolist()
    assert rows["recency"].tolist() == known["days_since_last"].tolist()
    assert rows["frequency"].tolist() == (known["frequency"] + 1).tolist()
    np.testing.assert_allclose(rows["monetary"], known["revenue_to_date"], rtol=1e-12)
    scores = rows[["r_score", "f_score", "m_score"]]
    assert scores.min().min() == 1
    assert scores.max().max() == 5
    assert (scores.astype(str).agg("".join, axis=1) == rows["rfm_score"]).all()
    # more recent, more often, more money never score lower
    for column, score, sign in (("recency", "r_score", -1), ("frequency", "f_score", 1),
                                ("monetary", "m_score", 1)):  # fmt: skip
        ordered = rows.assign(key=sign * rows[column]).sort_values("key")
        assert ordered[score].is_monotonic_increasing, column
        assert rows.groupby(column)[score].nunique().max() == 1
    assert parsed.segment_summary == rows["segment"].value_counts().to_dict()
    assert sum(parsed.segment_summary.values()) == len(known)


def test_what_it_is_refused_it_understands(server, client):
    assert client.health()["status"] == "ok"
    with pytest.raises(EchoIntelValidationException) as refused:
        client.customer_clv_forecast({"forecast_horizon": 3})
    assert refused.value.context["code"] == "MISSING_PARAMETER"
    wrong = dataclasses.replace(server.first, secret="0" * 64)
    with (
        EchoIntelClient(base_url=signed_in(server, wrong), retry_attempts=1) as stranger,
        pytest.raises(EchoIntelAuthenticationException),
    ):
        stranger.customer_rfm({"data": []})
