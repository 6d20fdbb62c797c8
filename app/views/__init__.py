"""One file a page: it asks who may see it, then calls pieces of ``widgets`` in order.

May import: ``services``, ``widgets``, ``words``. Begin with ``overview.py``.
"""
