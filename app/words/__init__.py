"""Every sentence the product says, in three languages, and how it writes money and numbers.

Knows no Streamlit, so pages, report and interface share it. May import: nothing of the app. Begin
with ``text.py``.
"""
