"""All presets, and which of them a file is."""

from __future__ import annotations

from clvcore.ingest.presets.amazon import AMAZON
from clvcore.ingest.presets.bigcommerce import BIGCOMMERCE
from clvcore.ingest.presets.magento import MAGENTO
from clvcore.ingest.presets.olist import OLIST_ITEMS, OLIST_PAYMENTS
from clvcore.ingest.presets.paypal import PAYPAL
from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.shopify import SHOPIFY
from clvcore.ingest.presets.square import SQUARE, SQUARE_ITEMS
from clvcore.ingest.presets.stripe import STRIPE
from clvcore.ingest.presets.uci_online_retail import UCI_ONLINE_RETAIL
from clvcore.ingest.presets.woocommerce import WOOCOMMERCE
from clvcore.records.errors import MappingError

# a joined Olist table may hold items and payments; the items state freight apart, so they win
PRESETS = (
    SHOPIFY, WOOCOMMERCE, MAGENTO, STRIPE, PAYPAL, SQUARE, SQUARE_ITEMS, AMAZON, BIGCOMMERCE,
    OLIST_ITEMS, OLIST_PAYMENTS, UCI_ONLINE_RETAIL,
)  # fmt: skip


def recognize(columns: tuple[str, ...]) -> Preset | None:
    """Return the preset whose header a file has, None if it has none of them."""
    return next((preset for preset in PRESETS if not preset.missing(columns)), None)


def fitting_preset(name: str, columns: tuple[str, ...]) -> Preset:
    """Return a preset by name, for a file with these columns.

    Raises
    ------
    MappingError
        ``UNKNOWN_PRESET`` if there is none of this name, ``PRESET_DOES_NOT_FIT`` if the file
        lacks one of its columns.
    """
    preset = next((preset for preset in PRESETS if preset.name == name), None)
    if preset is None:
        raise MappingError(
            "UNKNOWN_PRESET",
            "There is no preset {name!r}. Use one of: {known}.",
            name=name, known=", ".join(preset.name for preset in PRESETS),
        )  # fmt: skip
    if missing := preset.missing(columns):
        raise MappingError(
            "PRESET_DOES_NOT_FIT",
            "The file is no orders export of {preset}: it has no column {column!r}. Leave the "
            "preset out and name the columns.",
            preset=preset.title, column=missing[0].split("|")[0],
        )  # fmt: skip
    return preset
