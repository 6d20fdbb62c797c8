"""Runs: every forecast kept, where each came from, and what changed between two."""
