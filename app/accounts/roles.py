"""Who may do what: one matrix, read by the pages, the services and the tests."""

from __future__ import annotations

from types import MappingProxyType

CAPABILITIES = (
    "overview", "segments", "cohorts", "trust", "report", "data", "forecast", "customers", "runs",
    "export", "admin",
)  # fmt: skip
_EVERYBODY = frozenset({"overview", "segments", "cohorts", "trust", "report"})
_MARKETING = _EVERYBODY | {"data", "forecast", "customers", "runs"}

MATRIX = MappingProxyType(
    {
        "executive": _EVERYBODY,
        "marketing": _MARKETING,
        "analyst": _MARKETING | {"export"},
        "admin": frozenset(CAPABILITIES),
    }
)
ROLES = tuple(MATRIX)


def allowed(role: str, capability: str) -> bool:
    """Tell whether a role may; an unknown role may nothing.

    Raises
    ------
    ValueError
        If the capability does not exist: a typing error must not open a door.
    """
    if capability not in CAPABILITIES:
        raise ValueError(f"{capability!r} is not a capability; known: {', '.join(CAPABILITIES)}")
    return capability in MATRIX.get(role, frozenset())
