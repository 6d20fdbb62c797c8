"""A purchase model times a spend model, with a named chain of fallbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvcore.models.base import FittedPurchases, Histories, PurchaseModel
from clvcore.models.beta_geometric import BetaGeometric
from clvcore.models.bg_nbd import BgNbd
from clvcore.models.gamma_gamma import FittedGammaGamma, GammaGamma
from clvcore.models.mbg_nbd import MbgNbd
from clvcore.models.naive import FittedNaive, Naive
from clvcore.models.pareto_nbd import FittedParetoNbd, ParetoNbd
from clvcore.models.spend import FittedSpend, MeanSpend, Spending
from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.errors import ModelError, Notice
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot

PURCHASE_MODELS: dict[str, Callable[[], PurchaseModel]] = {
    "bg_nbd": BgNbd,
    "mbg_nbd": MbgNbd,
    "pareto_nbd": ParetoNbd,
    "naive": Naive,
}
FALLBACKS = ("bg_nbd", "mbg_nbd", "pareto_nbd", "naive")
STRONG_CORRELATION = 0.3
VISIBLE_DROPOUT = 0.02
UNKNOWN = float("nan")


@dataclass(frozen=True)
class Probabilistic:
    """Spec of a forecast from a purchase model and Gamma-Gamma.

    Parameters
    ----------
    chain
        Purchase models to try in turn; with a single one, its failure is an error.
    sibling
        Whether another model judges who is alive where the first cannot tell. Revenue and its
        distribution do not depend on it.
    """

    chain: tuple[str, ...] = FALLBACKS
    sibling: bool = True

    def fit(self, snapshot: Snapshot) -> FittedProbabilistic:
        """Fit the first purchase model of the chain that converges, and the spend model.

        Raises
        ------
        ModelError
            If no model of the chain can be fitted.
        """
        histories, spending = Histories.of(snapshot), Spending.of(snapshot)
        purchases, notices = self._fit_chain(histories)
        aliveness: FittedPurchases = purchases
        if self.sibling and purchases.name in ("bg_nbd", "naive"):
            try:
                aliveness = MbgNbd().fit(histories)
            except ModelError as error:
                notices.append(_alive_unidentified(str(error)))
        spend, doubts = _fit_spend(spending)
        return FittedProbabilistic(
            purchases=purchases,
            aliveness=aliveness,
            spend=spend,
            notices=tuple(notices + doubts),
        )

    def _fit_chain(self, histories: Histories) -> tuple[FittedPurchases, list[Notice]]:
        notices: list[Notice] = []
        for name, following in zip(self.chain, (*self.chain[1:], None), strict=True):
            try:
                fitted = PURCHASE_MODELS[name]().fit(histories)
            except ModelError as error:
                if following is None:
                    raise
                notices.append(
                    Notice(
                        "MODEL_FELL_BACK",
                        "{model} was set aside for {following}: {reason}",
                        model=name,
                        following=following,
                        reason=str(error),
                    )
                )
                continue
            if fitted.prior > 0:
                notices.append(
                    Notice(
                        "WEAK_PRIOR_NEEDED",
                        "{model} needed a weak prior to converge: the orders pin its parameters "
                        "down only loosely.",
                        model=name,
                    )
                )
            return fitted, notices + _invisible_dropout(fitted)
        raise ModelError("NO_MODEL", "No purchase model was named.")


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedProbabilistic:
    """A fitted purchase model, the one that judges who is alive, and a spend model."""

    purchases: FittedPurchases
    aliveness: FittedPurchases
    spend: FittedSpend
    notices: tuple[Notice, ...]

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the parameters of each part, by model name (weeks, currency)."""
        return {part.name: dict(part.parameters) for part in self._parts}

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Return the log-likelihood of each part, by model name."""
        return {part.name: part.log_likelihood for part in self._parts}

    @property
    def _parts(self) -> tuple[FittedPurchases | FittedSpend, ...]:
        return self.purchases, self.aliveness, self.spend

    def predict(self, snapshot: Snapshot, grid: Grid) -> Prediction:
        """Return cumulative expected purchases and revenue on the grid; pure."""
        histories, spending = Histories.of(snapshot), Spending.of(snapshot)
        weeks = [day / DAYS_PER_WEEK for day in grid.days]
        purchases = self.purchases.expected_purchases(histories, weeks)[histories.inverse]
        value = self.spend.expected_value(spending)
        alive = self.p_alive(histories)
        # a customer judged gone by the sibling model cannot be surer to buy than to be there
        buys = np.minimum(self.purchases.p_purchase(histories, weeks[-1]), alive)
        return Prediction(
            index=snapshot.customers.index,
            purchases=purchases,
            revenue=purchases * value[:, None],
            p_alive=alive[histories.inverse],
            p_purchase=buys[histories.inverse],
            purchase_value=value,
        )

    def p_alive(self, histories: Histories) -> Floats:
        """Take the sibling's word where a model has none: BG/NBD on one-time buyers, or nowhere."""
        own = self.purchases.p_alive(histories)
        if self.aliveness is self.purchases:
            return own
        silent = (histories.frequency == 0) | (self.purchases.name == "naive")
        return np.where(silent, self.aliveness.p_alive(histories), own)


def restore(name: str, parameters: Mapping[str, Mapping[str, float]]) -> FittedProbabilistic:
    """Return the forecast of ``name`` that had these parameters, without a fit.

    Likelihoods and priors are not known any more.
    """
    purchases = _restored(name, parameters[name])
    sibling = "mbg_nbd" if name in ("bg_nbd", "naive") and "mbg_nbd" in parameters else name
    aliveness = purchases if sibling == name else _restored(sibling, parameters[sibling])
    spend: FittedSpend
    if known := parameters.get("gamma_gamma"):
        spend = FittedGammaGamma(
            p=known["p"], q=known["q"], v=known["v"], log_likelihood=UNKNOWN, prior=UNKNOWN
        )
    else:
        known = parameters["mean_spend"]
        spend = MeanSpend(mean=known["mean"], dispersion=known["dispersion"])
    return FittedProbabilistic(purchases=purchases, aliveness=aliveness, spend=spend, notices=())


def _restored(name: str, known: Mapping[str, float]) -> FittedPurchases:
    if name == "naive":
        return FittedNaive(rate=known["rate"], log_likelihood=UNKNOWN)
    if name == "pareto_nbd":
        return FittedParetoNbd(
            r=known["r"], alpha=known["alpha"], s=known["s"], beta=known["beta"],
            log_likelihood=UNKNOWN, prior=UNKNOWN,
        )  # fmt: skip
    return BetaGeometric(
        name=name, r=known["r"], alpha=known["alpha"], a=known["a"], b=known["b"],
        drops_at_first=name == "mbg_nbd", log_likelihood=UNKNOWN, prior=UNKNOWN,
    )  # fmt: skip


def _invisible_dropout(fitted: FittedPurchases) -> list[Notice]:
    """Doubt P(alive) where the fit sees next to nobody leave in a year."""
    share = fitted.yearly_dropout
    if not 0 < share < VISIBLE_DROPOUT:
        return []
    return [
        Notice(
            "DROPOUT_NOT_VISIBLE",
            "Hardly anybody has been seen to leave so far (about {share:.1%} a year), so nearly "
            "everyone counts as active. A longer history would tell.",
            share=share,
        )
    ]


def _alive_unidentified(reason: str) -> Notice:
    return Notice(
        "P_ALIVE_NOT_IDENTIFIED",
        "Whether a one-time buyer is still a customer cannot be told here, so they all count as "
        "active: {reason}",
        reason=reason,
    )


def _fit_spend(spending: Spending) -> tuple[FittedSpend, list[Notice]]:
    try:
        fitted = GammaGamma().fit(spending)
    except ModelError as error:
        notice = Notice(
            "SPEND_FELL_BACK",
            "Expected amounts are each customer's own mean, drawn to the average: {reason}",
            reason=str(error),
        )
        return MeanSpend.fit(spending), [notice]
    doubts = []
    if fitted.q < 2.0:
        doubts.append(
            Notice(
                "SPEND_HEAVY_TAIL",
                "Amounts are very unequal between customers (Gamma-Gamma q = {q:.2f}, below 2): "
                "a few large buyers can move the total a lot.",
                q=fitted.q,
            )
        )
    correlation = _rank_correlation(spending)
    if abs(correlation) >= STRONG_CORRELATION:
        doubts.append(
            Notice(
                "SPEND_DEPENDS_ON_FREQUENCY",
                "Frequent buyers spend differently per purchase (rank correlation {rho:.2f}), "
                "which Gamma-Gamma assumes away; their value is probably misjudged.",
                rho=correlation,
            )
        )
    return fitted, doubts


def _rank_correlation(spending: Spending) -> float:
    """Spearman's rho of frequency and mean spend among repeat buyers; 0 where undefined."""
    use = spending.frequency > 0
    x, m = spending.frequency[use], spending.monetary_value[use]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(m) == 0:
        return 0.0
    return float(np.corrcoef(pd.Series(x).rank(), pd.Series(m).rank())[0, 1])
