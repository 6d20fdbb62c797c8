"""Pieces of pages: each draws one thing and returns what the reader chose."""
