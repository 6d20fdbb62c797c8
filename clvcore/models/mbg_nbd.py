"""MBG/NBD: Batislam, Denizel & Filiztekin (2007); Wagner & Hoppe (2008)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifetimes.fitters.modified_beta_geo_fitter import ModifiedBetaGeoFitter

from clvcore.models.base import Histories
from clvcore.models.beta_geometric import STARTS, BetaGeometric, fit_beta_geometric
from clvcore.models.fitting import RobustFit


class _Fitter(RobustFit, ModifiedBetaGeoFitter):  # type: ignore[misc]
    starts = STARTS


@dataclass(frozen=True)
class MbgNbd:
    """Like BG/NBD, but a customer may also drop out right after the first purchase."""

    name: str = "mbg_nbd"

    def fit(self, histories: Histories) -> BetaGeometric:
        """Fit by maximum likelihood; raises ModelError where the data do not identify it."""
        return fit_beta_geometric(self.name, _Fitter, histories, drops_at_first=True)

    def restore(self, parameters: Mapping[str, float]) -> BetaGeometric:
        """Return the fit that had these parameters; its likelihood is not known any more."""
        return BetaGeometric.restore(self.name, parameters, drops_at_first=True)
