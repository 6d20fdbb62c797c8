"""How sure a forecast is."""

from clvcore.uncertainty.distribution import Hurdle, hurdle_of
from clvcore.uncertainty.simulate import simulate_bounds
from clvcore.uncertainty.totals import build_totals, unmeasured_notice

__all__ = ["Hurdle", "build_totals", "hurdle_of", "simulate_bounds", "unmeasured_notice"]
