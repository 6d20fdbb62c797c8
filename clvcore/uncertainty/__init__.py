"""How sure a forecast is."""

from clvcore.uncertainty.simulate import simulate_bounds
from clvcore.uncertainty.totals import build_totals, unmeasured_notice

__all__ = ["build_totals", "simulate_bounds", "unmeasured_notice"]
