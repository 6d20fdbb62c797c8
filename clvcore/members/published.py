"""A purchase model times a spend model, with a named chain of fallbacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvcore.members.member import NOTHING_SHARED, Forecast, Shared
from clvcore.members.moments import hurdle_of_published
from clvcore.models.base import FittedPurchases, Histories, PurchaseModel
from clvcore.models.gamma_gamma import FittedGammaGamma, GammaGamma
from clvcore.models.spend import FittedSpend, MeanSpend, Spending
from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.errors import ModelError, Notice
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.registry import AUTO, ENTRIES, fallbacks, made_at, published
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State

if TYPE_CHECKING:
    from clvcore.members.past import Past

STRONG_CORRELATION = 0.3
VISIBLE_DROPOUT = 0.02


@dataclass(frozen=True)
class Chain:
    """Spec of a forecast from a purchase model and Gamma-Gamma.

    Parameters
    ----------
    chain
        Purchase models to try in turn; with a single one, its failure is an error.
    sibling
        Whether another model judges who is alive where the first cannot tell. Revenue and its
        distribution do not depend on it.
    """

    chain: tuple[str, ...]
    sibling: bool = True

    def fit(self, snapshot: Snapshot) -> FittedPublished:
        """Fit the first purchase model of the chain that converges, and the spend model.

        Raises
        ------
        ModelError
            If no model of the chain can be fitted.
        """
        histories, spending = Histories.of(snapshot), Spending.of(snapshot)
        purchases, notices = self._fit_chain(histories)
        aliveness: FittedPurchases = purchases
        judge = ENTRIES[purchases.name].aliveness
        if self.sibling and judge:
            try:
                aliveness = purchase_model(judge).fit(histories)
            except ModelError as error:
                notices.append(_alive_unidentified(str(error)))
        spend, doubts = _fit_spend(spending)
        return FittedPublished(
            purchases=purchases,
            aliveness=aliveness,
            spend=spend,
            notices=tuple(notices + doubts),
        )

    def _fit_chain(self, histories: Histories) -> tuple[FittedPurchases, list[Notice]]:
        notices: list[Notice] = []
        for name, following in zip(self.chain, (*self.chain[1:], None), strict=True):
            try:
                fitted = purchase_model(name).fit(histories)
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
class FittedPublished:
    """A fitted purchase model, the one that judges who is alive, and a spend model."""

    purchases: FittedPurchases
    aliveness: FittedPurchases
    spend: FittedSpend
    notices: tuple[Notice, ...] = ()

    @property
    def name(self) -> str:
        """The purchase model that could be fitted."""
        return self.purchases.name

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

    def weights(self) -> dict[str, float]:
        """Return the model by itself."""
        return {self.name: 1.0}

    def expected(self, snapshot: Snapshot, grid: Grid) -> Prediction:
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

    def predict(
        self,
        snapshot: Snapshot,
        grid: Grid,
        shared: Shared = NOTHING_SHARED,  # noqa: ARG002
    ) -> Forecast:
        """Forecast with the parameters taken as known; nothing is shared with other members."""
        prediction = self.expected(snapshot, grid)
        hurdle = hurdle_of_published(self, snapshot, prediction, horizon_days=grid.horizon_days)
        return Forecast(prediction=prediction, hurdle=hurdle, fitted=self)

    def state(self) -> State:
        """Return the parameters of each part, and which part is which."""
        parts: dict[str, Any] = {"aliveness": self.aliveness.name, "spend": self.spend.name}
        return State(member=self.name, learned=parts | {"parameters": self.parameters})

    @classmethod
    def from_state(
        cls,
        state: State,
        continued_days: int = 0,  # noqa: ARG003 - its time runs evenly
    ) -> FittedPublished:
        """Return the forecast that had this state; likelihoods are not known any more."""
        known, judge = state.learned["parameters"], state.learned["aliveness"]
        purchases = purchase_model(state.member).restore(known[state.member])
        aliveness = purchases
        if judge != state.member:
            aliveness = purchase_model(judge).restore(known[judge])
        spend = state.learned["spend"]
        return cls(
            purchases=purchases, aliveness=aliveness, spend=_SPENDS[spend].restore(known[spend])
        )


_SPENDS: dict[str, type[FittedGammaGamma] | type[MeanSpend]] = {
    "gamma_gamma": FittedGammaGamma, "mean_spend": MeanSpend,
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A published model as a member: BG/NBD or a sibling, by lifetimes, times Gamma-Gamma."""

    name: str

    def fit(self, past: Past, grid: Grid, *, only_revenue: bool = False) -> FittedPublished:
        """Fit by itself; raises ModelError where the data do not identify it."""
        chain = fallbacks() if self.name == AUTO else (self.name,)
        return Chain(chain, sibling=not only_revenue).fit(past.snapshot(grid.as_of))

    def shared(self, past: Past, grid: Grid, fitted: Any) -> Shared:  # noqa: ARG002
        """Return nothing: it stands alone."""
        return NOTHING_SHARED

    def restore(self, state: State, continued_days: int = 0) -> FittedPublished:
        """Return what had this state."""
        return FittedPublished.from_state(state, continued_days)


def purchase_model(name: str) -> PurchaseModel:
    """Return the published purchase model called ``name``."""
    model: PurchaseModel = made_at(ENTRIES[name].purchases)()
    return model


def available() -> tuple[str, ...]:
    """Return the names ``create`` knows: published models, and what falls back on them at once.

    Examples
    --------
    >>> available()
    ('auto', 'probabilistic', 'bg_nbd', 'mbg_nbd', 'pareto_nbd', 'naive')
    """
    plain = (name for name, e in ENTRIES.items() if e.purchases or (e.fallback and not e.needs))
    return (AUTO, *plain)


def create(name: str, *, sibling: bool = True) -> Chain:
    """Return the published model called ``name``, for what is none the chain it falls back on.

    ``sibling`` as in ``Chain``.

    Raises
    ------
    ModelError
        If there is none of that name.
    """
    if name not in available():
        raise ModelError(
            "UNKNOWN_MODEL",
            "There is no purchase model called {model!r}. Choose one of: {known}.",
            model=name, known=", ".join(available()),
        )  # fmt: skip
    return Chain((name,) if name in published() else fallbacks(), sibling)


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
