"""Where every customer is the same, a conformal predictive system knows the answer: ask crepes."""

from __future__ import annotations

import numpy as np
import pytest

from clvcore.uncertainty import Hurdle, Shape

crepes = pytest.importorskip("crepes")

CUSTOMERS = 20_000


@pytest.mark.parametrize(("buys", "spread"), [(0.97, 0.4), (0.6, 0.5), (0.3, 1.2)])
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_quantiles_agree_with_a_conformal_predictive_system(buys, spread, level):
    """Residuals of equal customers are exchangeable, so its percentiles are valid as they are.

    What is drawn is the hurdle itself by inversion; the system sees outcomes only.
    """
    rng = np.random.default_rng(9)
    shape = Shape(buys=np.full(CUSTOMERS, buys), spread=np.full(CUSTOMERS, spread))
    mean = np.full(CUSTOMERS, 100.0)
    hurdle = Hurdle(mean=mean, shape=shape, usual=mean / buys)
    outcome = shape.quantile(rng.random(CUSTOMERS)) * mean
    system = crepes.ConformalPredictiveSystem().fit(residuals=outcome - mean)
    lower, upper = hurdle.bounds(level)
    miss = 1.0 - level
    if buys < 0.95:  # one-sided: somewhere between half the miss and all of it above
        outer = system.predict_percentiles(mean[:1], higher_percentiles=[100 * (1 - miss / 2)])
        inner = system.predict_percentiles(mean[:1], higher_percentiles=[100 * (1 - miss)])
        assert lower[0] == 0.0
        assert 0.97 * np.ravel(inner)[0] <= upper[0] <= 1.03 * np.ravel(outer)[0]
        held = (outcome <= upper[0]).mean()
        assert held >= level - 0.01
    else:
        both = system.predict_int(mean[:1], confidence=level)
        assert upper[0] == pytest.approx(both[0, 1], rel=0.04)
        # a lower bound near nothing is compared in units of the mean
        assert lower[0] == pytest.approx(max(both[0, 0], 0.0), abs=2.0)
