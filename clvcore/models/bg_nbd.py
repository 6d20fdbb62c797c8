"""BG/NBD: Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifetimes.fitters.beta_geo_fitter import BetaGeoFitter

from clvcore.models.base import Histories
from clvcore.models.beta_geometric import STARTS, BetaGeometric, fit_beta_geometric
from clvcore.models.fitting import RobustFit


class _Fitter(RobustFit, BetaGeoFitter):  # type: ignore[misc]
    starts = STARTS


@dataclass(frozen=True)
class BgNbd:
    """Purchases at a gamma-distributed rate; dropout possible after each repeat purchase."""

    name: str = "bg_nbd"

    def fit(self, histories: Histories) -> BetaGeometric:
        """Fit by maximum likelihood; raises ModelError where the data do not identify it."""
        return fit_beta_geometric(self.name, _Fitter, histories, drops_at_first=False)

    def restore(self, parameters: Mapping[str, float]) -> BetaGeometric:
        """Return the fit that had these parameters; its likelihood is not known any more."""
        return BetaGeometric.restore(self.name, parameters, drops_at_first=False)
