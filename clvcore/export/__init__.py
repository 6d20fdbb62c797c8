"""Lists of customers that leave the product: CSV, XLSX, Parquet, and other programs' headers.

May import: ``records``. Begin with ``text.py``.
"""

from clvcore.export.audiences import AUDIENCES, addresses, audience_csv
from clvcore.export.parquet import customers_parquet
from clvcore.export.text import customers_csv
from clvcore.export.workbook import customers_xlsx

__all__ = [
    "AUDIENCES",
    "addresses",
    "audience_csv",
    "customers_csv",
    "customers_parquet",
    "customers_xlsx",
]
