"""The documented forecast says what the library says, whatever way it is asked."""

from __future__ import annotations

import json

import numpy as np
import orjson
import pandas as pd
import pytest
from pydantic.alias_generators import to_camel

import clvcore as clv
from app.api.routes import FORECAST
from clvcore.runs.summaries import forecast_summaries
from clvcore.uncertainty import customers_at, totals_at


@pytest.fixture(scope="module")
def transactions(orders):
    mapping = clv.Mapping(
        customer_id="customer_id", date="date", amount="amount", order_id="order_id",
        attributes=("channel",), decimal=".",
    )  # fmt: skip
    return clv.read_transactions(pd.DataFrame(orders), mapping=mapping)


@pytest.fixture(scope="module")
def run(transactions):
    config = clv.ForecastConfig(
        horizon_months=6, annual_discount_rate=0.1, gross_margin=0.4, cohort_by="channel"
    )
    return clv.forecast(transactions, config)


SETTINGS = {
    "forecast_horizon": 6, "discount_rate": 0.1, "gross_margin": 0.4, "cohort_by": "channel",
    "currency": "EUR",
}  # fmt: skip


def test_every_number_is_the_librarys(server, orders, run):
    with server.client() as client:
        answer = client.post(FORECAST, json={"data": orders, **SETTINGS})
    assert answer.status_code == 200
    said = answer.json()
    assert list(said) == [
        "predictions", "model_info", "segments", "totals", "data_quality", "warnings", "run_id",
    ]  # fmt: skip
    known = run.customers
    table = pd.json_normalize(said["predictions"]).set_index("customer_id")
    history = known["revenue_to_date"] * 0.4
    expected = {
        "predicted_clv": known["predicted_total_value"],
        "historical_value": history,
        "predicted_future_value": known["clv"],
        "confidence_interval.lower_bound": history + known["clv_lower"],
        "confidence_interval.upper_bound": history + known["clv_upper"],
        "value_breakdown.short_term_3m": run.milestones["value_3m"],
        "value_breakdown.medium_term_6m": known["clv"],
        "value_breakdown.long_term_12m": run.milestones["value_12m"],
        "p_alive": known["p_alive"],
        "expected_purchases": known["expected_purchases"],
    }
    for column, values in expected.items():
        np.testing.assert_allclose(table[column], values, rtol=1e-9, err_msg=column)
    for column in ("segment", "risk"):
        assert table[column].tolist() == known[column].tolist()
    assert (table["confidence_interval.confidence_level"] == 0.95).all()
    assert table["recommended_actions"].map(len).eq(1).all()
    whole = run.totals.set_index("scope").loc["all"]
    assert said["totals"]["predicted_future_value"] == pytest.approx(whole["clv"], rel=1e-12)
    assert said["totals"]["confidence_interval"]["upper_bound"] == pytest.approx(
        history.sum() + whole["clv_upper"], rel=1e-12
    )
    assert said["totals"]["currency"] == "EUR"
    assert said["totals"]["as_of"] == run.as_of.isoformat()
    parts = run.totals[run.totals["scope"] == "segment"].set_index("key")
    for segment in said["segments"]:
        assert segment["lower_bound"] == pytest.approx(parts["clv_lower"][segment["segment"]])
    row = run.leaderboard.loc[run.model]
    performance = said["model_info"]["model_performance"]
    for name in ("mae", "rmse", "bias"):
        assert performance[name] == pytest.approx(row[name], rel=1e-12)
    assert performance["r2_score"] == pytest.approx(run.trust.r2, rel=1e-12)
    assert len(performance["coverage"]) == 4
    assert said["model_info"]["selected_model"] == run.model
    assert sum(said["model_info"]["weights"].values()) == pytest.approx(1.0)
    assert said["data_quality"]["rows_in"] == len(orders)
    assert [w["code"] for w in said["warnings"]] == [w.code for w in run.warnings]


def test_another_level_is_read_off_without_a_fit(server, orders, run):
    with server.client() as client:
        bodies = [{"data": orders, **SETTINGS, "confidence_level": level} for level in (0.8, 0.5)]
        first, second = (client.post(FORECAST, json=body).json() for body in bodies)
        bare = client.post(FORECAST, json={**bodies[0], "include_confidence": False}).json()
    assert first["run_id"] == second["run_id"] == bare["run_id"]
    upper = pd.json_normalize(second["predictions"])["confidence_interval.upper_bound"]
    expected = run.customers["revenue_to_date"] * 0.4 + customers_at(run, 0.5)["clv_upper"]
    np.testing.assert_allclose(upper, expected, rtol=1e-9)
    whole = totals_at(run, 0.8).set_index("scope").loc["all"]
    assert first["segments"][0]["confidence_level"] == 0.8
    total = first["totals"]["confidence_interval"]["lower_bound"]
    assert total == pytest.approx(first["totals"]["historical_value"] + whole["clv_lower"])
    assert "confidence_interval" not in bare["predictions"][0]


def test_camel_case_asks_the_same(server, orders):
    camel = {to_camel(name): value for name, value in SETTINGS.items()}
    rows = [{to_camel(name): value for name, value in row.items()} for row in orders]
    with server.client() as client:
        snake = client.post(FORECAST, json={"data": orders, **SETTINGS}).json()
        again = client.post(FORECAST, json={"data": rows, **camel}).json()
    assert snake == again


def test_whole_numbers_and_ids_as_json_has_them(server, orders):
    rows = [{**row, "customer_id": int(row["customer_id"][1:])} for row in orders]
    body = {"data": rows, "forecast_horizon": 3.0, "model_type": "naive", "gross_margin": 1}
    with server.client() as client:
        said = client.post(FORECAST, json=body).json()
    assert {row["customer_id"] for row in said["predictions"]} == {
        str(row["customer_id"]) for row in rows
    }
    assert said["totals"]["horizon_months"] == 3


def test_summaries_are_served_by_probabilistic_models_and_say_so(server, summaries):
    body = {"customer_data": summaries, "as_of": "2024-12-31", "model_type": "mbg_nbd"}
    camel = {
        "customerData": [{to_camel(k): v for k, v in row.items()} for row in summaries],
        "asOf": "2024-12-31",
        "modelType": "mbg_nbd",
    }
    with server.client() as client:
        said, again = (client.post(FORECAST, json=one).json() for one in (body, camel))
        refused = client.post(FORECAST, json={**body, "model_type": "ensemble"})
    assert said == again
    frame = pd.DataFrame(summaries).rename(
        columns={"purchase_frequency": "purchases", "total_revenue": "revenue"}
    )
    config = clv.ForecastConfig(model="mbg_nbd")
    expected = forecast_summaries(
        frame.set_index("customer_id"), config, as_of=pd.Timestamp("2024-12-31").date()
    )
    future = [row["predicted_future_value"] for row in said["predictions"]]
    np.testing.assert_allclose(future, expected.customers["clv"], rtol=1e-9)
    assert said["warnings"][0]["code"] == "FROM_SUMMARIES"
    assert said["model_info"]["model_performance"]["r2_score"] is None
    assert (refused.status_code, refused.json()["code"]) == (422, "MODEL_NEEDS_ORDERS")


def test_a_mean_order_value_stands_in_for_the_revenue(server, summaries):
    rows = [
        {
            **{k: v for k, v in row.items() if k != "total_revenue"},
            "avg_order_value": row["total_revenue"] / row["purchase_frequency"],
        }
        for row in summaries
    ]
    with server.client() as client:
        bodies = [{"customer_data": r, "as_of": "2024-12-31"} for r in (summaries, rows)]
        by_total, by_mean = (client.post(FORECAST, json=body).json() for body in bodies)
    assert by_mean["totals"]["predicted_clv"] == pytest.approx(by_total["totals"]["predicted_clv"])


def test_the_answer_speaks_the_language_that_was_asked_for(server, orders):
    with server.client() as client:
        body = orjson.dumps({"data": orders, **SETTINGS})
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answers = {
            language: client.post(
                FORECAST, content=body, headers={**headers, "Accept-Language": language}
            )
            for language in ("en", "es-MX", "pt;q=0.8")
        }
    said = [answer.headers["content-language"] for answer in answers.values()]
    assert said == ["en", "es", "pt"]
    words = {
        json.dumps(a.json()["predictions"][0]["recommended_actions"]) for a in answers.values()
    }
    assert len(words) == 3
    numbers = {a.json()["totals"]["predicted_clv"] for a in answers.values()}
    assert len(numbers) == 1
