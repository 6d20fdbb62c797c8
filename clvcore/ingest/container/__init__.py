"""How a file is opened: text, workbooks, Parquet, folders and archives, each to a raw table.

Begin with ``read.py``.
"""
