"""What the interval benchmark saw, as aligned Markdown tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvcore.records.columns import FREQUENCY_CLASSES


def customers_table(table: pd.DataFrame) -> str:
    """Lay out coverage and Winkler score of every forecaster, one row per case and level."""
    rows, names = [], list(dict.fromkeys(table["forecaster"]))
    for (case, level), group in table.groupby(["case", "level"], sort=False):
        cells = [
            f"{row.coverage:.3f} {' ' if row.in_band else 'x'} {row.winkler:,.1f}"
            for row in group.set_index("forecaster").loc[names].itertuples()
        ]
        rows.append([case, f"{level:.0%}", f"{group['zeros'].iloc[0]:.3f}", *cells])
    return markdown(["case", "level", "zeros", *names], rows)


def classes_table(table: pd.DataFrame) -> str:
    """Lay out coverage by frequency class, beside each class's own share of zeros."""
    rows, names = [], list(dict.fromkeys(table["forecaster"]))
    for (case, level), group in table.groupby(["case", "level"], sort=False):
        own = group.set_index(["forecaster", "class"])
        cells = [
            " / ".join(map(_share, own.loc[name, value].reindex(FREQUENCY_CLASSES)))
            for name, value in [(names[0], "zeros"), *((name, "coverage") for name in names)]
        ]
        rows.append([case, f"{level:.0%}", *cells])
    return markdown(["case", "level", "zeros", *names], rows)


def totals_table(table: pd.DataFrame) -> str:
    """Lay out totals of groups, their intervals, and whether these held."""
    rows = [
        [
            row.case, row.origin, row.scope, row.key,
            *(_money(each) for each in (row.customers, row.actual, row.forecast)),
            _money(row.lower), _money(row.upper), _share(row.half_width),
            "-" if np.isnan(row.lower) else "yes" if row.hit else "no",
        ]
        for row in table.itertuples()
    ]  # fmt: skip
    headings = ["customers", "actual", "forecast", "lower", "upper", "half-width", "hit"]
    return markdown(["case", "known to", "scope", "key", *headings], rows, words=4)


def markdown(headings: list[str], rows: list[list[str]], *, words: int = 1) -> str:
    """Return an aligned table; the first ``words`` columns are words, and a case is named once."""
    cases = [row[0] for row in rows]
    shown = [
        ["" if k and row[0] == cases[k - 1] else row[0], *row[1:]] for k, row in enumerate(rows)
    ]
    widths = [max(len(row[k]) for row in [headings, *rows]) for k in range(len(headings))]
    rule = ["-" * w if k < words else "-" * (w - 1) + ":" for k, w in enumerate(widths)]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(w) if k < words else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in [headings, rule, *shown]
    )


def _money(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:,.0f}"


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}"
