"""Colors and the Plotly template ``clv``, in a light and a dark variant.

Ink is what happened, blue is what is expected, orange asks for attention, grey is context; no
color has a second job. Value runs in one hue, and value and risk always carry their word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go
import plotly.io as pio
from plotly.colors import sample_colorscale

FONT = "Source Sans, sans-serif"
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True}


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Every color a chart may use, by the job it does."""

    name: str
    ground: str
    ink: str
    muted: str
    grid: str
    hairline: str
    expected: str
    attention: str
    good: str
    high: str
    medium: str
    low: str
    active: str
    cooling: str
    at_risk: str
    lost: str
    categorical: tuple[str, ...]
    sequential: tuple[str, ...]

    def expected_at(self, alpha: float) -> str:
        """Return the expected color at an opacity."""
        red, green, blue = (int(self.expected[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{alpha:g})"

    def sequential_at(self, share: float) -> str:
        """Return the color at a share of the sequential scale, 0 to 1."""
        return str(sample_colorscale(list(self.sequential), [share], colortype="rgb")[0])


LIGHT = Palette(
    name="light",
    ground="#FFFFFF",
    ink="#1B2430",
    muted="#5E6B7C",
    grid="#E9EDF2",
    hairline="#DDE2EA",
    expected="#0B5CAD",
    attention="#C2500A",
    good="#0E7C6B",
    high="#06305F",
    medium="#2C70B4",
    low="#6499D0",
    active="#0E7C6B",
    cooling="#D9A400",
    at_risk="#C2500A",
    lost="#8A94A3",
    categorical=("#0B5CAD", "#C2500A", "#0E7C6B", "#8A5A9E", "#B58900", "#5E6B7C"),
    sequential=(
        "#F1F6FC",
        "#DCE9F6",
        "#C0D8EF",
        "#9CC2E5",
        "#74A8D8",
        "#4C8CC8",
        "#2C70B4",
        "#13559A",
        "#083C76",
        "#04264F",
    ),
)
DARK = Palette(
    name="dark",
    ground="#10161E",
    ink="#E6EBF2",
    muted="#94A1B3",
    grid="#222C39",
    hairline="#2B3644",
    expected="#6CB2F5",
    attention="#F59A5B",
    good="#57C7B3",
    high="#BFDDFB",
    medium="#5BA3E6",
    low="#3D77AE",
    active="#57C7B3",
    cooling="#E8C24A",
    at_risk="#F59A5B",
    lost="#6F7C8E",
    categorical=("#6CB2F5", "#F59A5B", "#57C7B3", "#C79BDB", "#E3C04D", "#94A1B3"),
    sequential=(
        "#14202E",
        "#17304A",
        "#1A4066",
        "#1D5182",
        "#22639F",
        "#3078BA",
        "#4A90D2",
        "#6CAAE6",
        "#97C5F2",
        "#C6E0FB",
    ),
)
PALETTES = {"light": LIGHT, "dark": DARK}


def channels(color: str) -> list[float]:
    """Return red, green and blue of ``#RRGGBB`` or ``rgb(...)``, 0 to 255."""
    if color.startswith("#"):
        return [float(int(color[i : i + 2], 16)) for i in (1, 3, 5)]
    return [float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]]


def mixed(color: str, other: str, share: float) -> str:
    """Return ``color`` with a share of ``other`` in it."""
    parts = zip(channels(color), channels(other), strict=True)
    return "rgb({},{},{})".format(*(round(a + share * (b - a)) for a, b in parts))


def luminance(color: str) -> float:
    """Return the relative luminance of ``#RRGGBB`` or ``rgb(...)``, as WCAG defines it."""
    linear = [
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4
        for c in channels(color)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(ground: str) -> str:
    """Return the ink, white or near-black, that reads best on a color."""
    return max(("#FFFFFF", "#0B1119"), key=lambda ink: contrast(ink, ground))


def palette(name: str | None) -> Palette:
    """Return the palette of a theme; light until the browser has said which it is."""
    return PALETTES.get(name or "light", LIGHT)


@cache
def template(colors: Palette) -> go.layout.Template:
    """Build the template ``clv`` for one palette; it is shared, and figures copy it."""
    axis = {
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        "ticks": "",
        "tickangle": 0,
        "ticklabelstandoff": 6,
        "linecolor": colors.hairline,
        "gridcolor": colors.grid,
        "gridwidth": 1,
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 13, "color": colors.muted},
            "colorway": list(colors.categorical),
            "margin": {"l": 0, "r": 8, "t": 10, "b": 0},
            "xaxis": {**axis, "showgrid": False},
            "yaxis": axis,
            "showlegend": False,
            "bargap": 0.28,
            "hoverlabel": {
                "bgcolor": colors.ground,
                "bordercolor": colors.hairline,
                "font": {"family": FONT, "size": 13, "color": colors.ink},
                "align": "left",
            },
        }
    )


def register() -> None:
    """Make ``clv`` and ``clv_dark`` known to Plotly by name, for notebooks and reports."""
    pio.templates["clv"] = template(LIGHT)
    pio.templates["clv_dark"] = template(DARK)
