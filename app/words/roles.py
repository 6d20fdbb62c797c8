"""Roles and what they may, in words."""

from __future__ import annotations

from app.words.text import Words


def role_name(w: Words, role: str) -> str:
    """Return a role's name in the person's language."""
    names = {
        "executive": w("executive"),
        "marketing": w("marketing"),
        "analyst": w("analyst"),
        "admin": w("administrator"),
    }
    return names.get(role, role)


def capability_names(w: Words) -> dict[str, str]:
    """Return what each capability allows."""
    return {
        "overview": w("See the overview"),
        "segments": w("See segments and what to do"),
        "cohorts": w("See cohorts"),
        "trust": w("See how far to trust a forecast"),
        "report": w("Download the report"),
        "data": w("Add and delete orders"),
        "forecast": w("Make forecasts"),
        "customers": w("See single customers"),
        "runs": w("Compare and delete forecasts"),
        "export": w("Export lists of customers"),
        "admin": w("Manage people and see the trail"),
    }
