"""What stands in front of everything the server does: who may ask, how much, how slowly."""

from app.shield.shield import Shield

__all__ = ["Shield"]
