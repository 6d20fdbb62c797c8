"""These are scripts for ``make soak``: nothing here is collected."""

collect_ignore_glob = ["*.py"]
