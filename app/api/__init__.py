"""The HTTP interface: the same forecasts, for programs."""
