"""Orders to try the product on: simulated shops with known parameters, and the CDNOW sample.

May import: ``records``, ``ingest``. Begin with ``shop_export.py``.
"""

from clvcore.sample.cdnow import cdnow_sample
from clvcore.sample.shop_export import sample_orders
from clvcore.sample.simulator import ShopParameters, simulate_shop, simulate_summary

__all__ = ["ShopParameters", "cdnow_sample", "sample_orders", "simulate_shop", "simulate_summary"]
