"""Numbers printed in papers and by other implementations; each test names where.

CDNOW: 2,357 customers, calibration to 1997-09-30 (39 weeks), holdout of 273 days.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from lifetimes.fitters.beta_geo_fitter import BetaGeoFitter
from lifetimes.fitters.modified_beta_geo_fitter import ModifiedBetaGeoFitter
from lifetimes.fitters.pareto_nbd_fitter import ParetoNBDFitter

from clvcore.features import take_outcome, take_snapshot
from clvcore.models.base import Histories
from clvcore.models.beta_geometric import BetaGeometric
from clvcore.models.bg_nbd import BgNbd
from clvcore.models.gamma_gamma import FittedGammaGamma, GammaGamma
from clvcore.models.mbg_nbd import MbgNbd
from clvcore.models.pareto_nbd import FittedParetoNbd, ParetoNbd, _log_likelihood
from clvcore.models.spend import Spending

AS_OF = dt.date(1997, 9, 30)
HOLDOUT_WEEKS = 39.0
ONE_TIME_TO_HEAVY = [(0, 0.0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (29, 37.0, 38.0)]


@pytest.fixture(scope="module")
def snapshot(cdnow):
    return take_snapshot(cdnow, as_of=AS_OF)


@pytest.fixture(scope="module")
def histories(snapshot):
    return Histories.of(snapshot)


def one(x, t_x, age):
    """A table of a single history, in weeks."""
    return Histories(
        frequency=np.array([x]),
        recency=np.array([t_x], dtype=float),
        age=np.array([age], dtype=float),
        weights=np.array([1]),
        inverse=np.array([0]),
    )


def test_the_calibration_sample_is_the_published_one(snapshot):
    customers = snapshot.customers
    repeaters = customers[customers["frequency"] > 0]
    assert len(customers) == 2357
    assert customers["frequency"].sum() == 2457
    assert len(repeaters) == 946
    assert repeaters["monetary_value"].mean() == pytest.approx(35.08, abs=0.005)


def test_the_holdout_is_the_published_one(cdnow, snapshot):
    outcome = take_outcome(cdnow, snapshot, end=dt.date(1998, 6, 30))
    assert outcome.customers["purchases"].sum() == 1882
    assert outcome.customers["revenue"].sum() == pytest.approx(70_976.39, abs=0.01)
    assert outcome.newcomer_revenue == 0.0
    assert (outcome.customers["purchases"] == 0).mean() == pytest.approx(0.7098, abs=5e-5)


def test_bg_nbd_recovers_fader_hardie_lee_2005(histories):
    fitted = BgNbd().fit(histories)
    assert list(fitted.parameters.values()) == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-9582.4292, abs=5e-5)
    assert fitted.prior == 0


def test_bg_nbd_forecasts_1653_purchases_of_the_holdout(histories):
    expected = BgNbd().fit(histories).expected_purchases(histories, [HOLDOUT_WEEKS])[:, 0]
    assert expected @ histories.weights == pytest.approx(1653.4, abs=0.05)


def test_mbg_nbd_recovers_the_btydplus_optimum(histories):
    fitted = MbgNbd().fit(histories)
    published = [0.525, 6.183, 0.891, 1.614]
    assert list(fitted.parameters.values()) == pytest.approx(published, abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-9582.1357, abs=5e-5)


def test_pareto_nbd_recovers_fader_hardie_lee_2005(histories):
    fitted = ParetoNbd().fit(histories)
    published = [0.553, 10.578, 0.606, 11.669]
    assert list(fitted.parameters.values()) == pytest.approx(published, abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-9594.9762, abs=5e-5)


def test_gamma_gamma_recovers_fader_hardie_note_025(snapshot):
    fitted = GammaGamma().fit(Spending.of(snapshot))
    assert list(fitted.parameters.values()) == pytest.approx([6.25, 3.74, 15.44], abs=5e-3)
    assert fitted.log_likelihood == pytest.approx(-4055.9177, abs=5e-5)


def test_gamma_gamma_values_the_first_ten_customers_as_lifetimes_does(snapshot):
    spending = Spending.of(snapshot)
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    values = GammaGamma().fit(spending).expected_value(spending)[:10]
    assert list(values) == pytest.approx(published, abs=0.01)


PAPER_BG = BetaGeometric(
    name="bg_nbd", r=0.243, alpha=4.414, a=0.793, b=2.426,
    drops_at_first=False, log_likelihood=0.0, prior=0.0,
)  # fmt: skip
BTYD_PARETO = FittedParetoNbd(
    r=0.5534, alpha=10.5802, s=0.6061, beta=11.6562, log_likelihood=0.0, prior=0.0
)
CLVTOOLS_PARETO = FittedParetoNbd(
    r=0.5143, alpha=2.8845, s=0.2856, beta=14.1087, log_likelihood=0.0, prior=0.0
)


def test_bg_nbd_expects_1_226_purchases_of_hardies_customer():
    (expected,) = PAPER_BG.expected_purchases(one(2, 30.43, 38.86), [39.0])[0]
    assert expected == pytest.approx(1.226, abs=5e-4)


def test_pareto_nbd_agrees_with_btyd_on_a_heavy_buyer():
    heavy = one(26, 30.86, 31.0)
    assert BTYD_PARETO.p_alive(heavy)[0] == pytest.approx(0.9979, abs=5e-5)
    assert BTYD_PARETO.expected_purchases(heavy, [52.0])[0, 0] == pytest.approx(25.46, abs=0.01)


@pytest.mark.parametrize(
    ("x", "t_x", "age"),
    [
        (221, 103.42857, 103.57143),
        (254, 97.14286, 97.28571),
        (161, 94.71429, 98.0),
        (204, 98.57143, 99.42857),
    ],
)
def test_pareto_nbd_is_finite_where_closed_forms_once_failed(x, t_x, age):
    chance = CLVTOOLS_PARETO.p_alive(one(x, t_x, age))[0]
    assert 0 < chance <= 1


@pytest.mark.parametrize(
    "params",
    [(0.5533, 10.5775, 0.6062, 11.6687), (0.3, 2.0, 5.0, 100.0), (2.0, 50.0, 0.05, 1.0)],
)
def test_pareto_nbd_quadrature_equals_the_closed_form_of_lifetimes(histories, params):
    rows = (histories.frequency, histories.recency, histories.age)
    closed = ParetoNBDFitter._conditional_log_likelihood(params, *rows)
    assert np.abs(_log_likelihood(params, *rows) - closed).max() < 1e-8


@pytest.mark.parametrize(
    ("fitter", "drops_at_first"), [(BetaGeoFitter, False), (ModifiedBetaGeoFitter, True)]
)
@pytest.mark.parametrize(("x", "t_x", "age"), ONE_TIME_TO_HEAVY)
def test_beta_geometric_predictions_equal_those_of_lifetimes(fitter, drops_at_first, x, t_x, age):
    oracle = fitter()
    oracle.params_ = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    ours = dataclasses.replace(PAPER_BG, drops_at_first=drops_at_first)
    history = one(x, t_x, age)
    theirs = oracle.conditional_expected_number_of_purchases_up_to_time(
        HOLDOUT_WEEKS, np.array([x]), np.array([t_x]), np.array([age])
    )
    expected = ours.expected_purchases(history, [HOLDOUT_WEEKS])[0, 0]
    assert expected == pytest.approx(float(np.asarray(theirs)[0]), rel=1e-9)
    alive = oracle.conditional_probability_alive(np.array([x]), np.array([t_x]), np.array([age]))
    assert ours.p_alive(history)[0] == pytest.approx(float(np.asarray(alive).ravel()[0]), rel=1e-9)


def test_gamma_gamma_forecast_is_lifetimes_equation_5():
    fitted = FittedGammaGamma(p=6.25, q=3.74, v=15.44, log_likelihood=0.0, prior=0.0)
    spending = Spending(
        frequency=np.array([0, 2]),
        monetary_value=np.array([0.0, 22.35]),
        purchase_days=np.array([1, 3]),
        mean_amount=np.array([10.0, 20.0]),
        amounts=np.array([10.0]),
    )
    population = 6.25 * 15.44 / 2.74
    weight = 6.25 * 2 / (6.25 * 2 + 2.74)
    own = (1 - weight) * population + weight * 22.35
    assert list(fitted.expected_value(spending)) == pytest.approx([population, own], rel=1e-12)
