"""One file a page: it asks who may see it, then calls pieces of ``widgets`` in order.

May import: ``services``, ``widgets``. Begin with ``overview.py``.
"""
