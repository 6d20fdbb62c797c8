"""The theme file, the palette and the two style sheets agree with one another."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.charts.theme import DARK, LIGHT, contrast, readable_on

ROOT = Path(__file__).parents[3]
THEME = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
def test_pages_and_charts_use_the_same_colors(palette):
    page = THEME[palette.name]
    assert page["backgroundColor"] == palette.ground
    assert page["textColor"] == palette.ink
    assert page["primaryColor"] == page["blueColor"] == palette.expected
    assert page["orangeColor"] == page["redColor"] == palette.attention
    assert page["grayColor"] == palette.muted
    assert tuple(page["chartCategoricalColors"]) == palette.categorical
    assert tuple(page["chartSequentialColors"]) == palette.sequential


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
def test_text_is_readable_on_its_ground(palette):
    for color in (palette.ink, palette.muted, palette.expected, palette.attention):
        assert contrast(color, palette.ground) >= 4.5
    for color in (palette.high, palette.medium):
        assert contrast(color, palette.ground) >= 3.0
    for share in (0.0, 0.12, 0.3, 0.5, 0.65, 0.78):
        cell = palette.sequential_at(share)
        assert contrast(readable_on(cell), cell) >= 4.5


def test_on_dark_filled_buttons_take_dark_text():
    sheet = (ROOT / "app/widgets/look_dark.css").read_text()
    assert "stBaseButton-primary" in sheet
    assert contrast("#0B1119", DARK.expected) >= 4.5
    assert contrast("#FFFFFF", LIGHT.expected) >= 4.5


def test_the_config_file_holds_the_safe_settings():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["enableAgentApi"] is False
    assert config["server"]["enableStaticServing"] is False
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["disableDataExport"] is True
    assert config["browser"]["gatherUsageStats"] is False
    assert "cookieSecret" not in config["server"]
