"""Models: one file each, chosen by name through the registry."""

from clvcore.models.probabilistic import FittedProbabilistic, Probabilistic
from clvcore.models.registry import available, create

__all__ = ["FittedProbabilistic", "Probabilistic", "available", "create"]
