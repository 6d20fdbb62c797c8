"""Purchase models by name, and the chain each name stands for."""

from __future__ import annotations

from clvcore.members.published import FALLBACKS, PURCHASE_MODELS, Probabilistic
from clvcore.records.errors import ModelError

_CHAINS = {
    "auto": FALLBACKS,
    "probabilistic": FALLBACKS,
    **{name: (name,) for name in PURCHASE_MODELS},
}


def available() -> tuple[str, ...]:
    """Return the names ``create`` knows.

    Examples
    --------
    >>> available()
    ('auto', 'probabilistic', 'bg_nbd', 'mbg_nbd', 'pareto_nbd', 'naive')
    """
    return tuple(_CHAINS)


def create(name: str, *, sibling: bool = True) -> Probabilistic:
    """Return the model called ``name``; ``sibling`` as in ``Probabilistic``.

    Raises
    ------
    ModelError
        If there is none of that name.
    """
    if name not in _CHAINS:
        raise ModelError(
            "UNKNOWN_MODEL",
            "There is no purchase model called {model!r}. Choose one of: {known}.",
            model=name, known=", ".join(_CHAINS),
        )  # fmt: skip
    return Probabilistic(_CHAINS[name], sibling)
