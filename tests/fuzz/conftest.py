"""The scripts import each other by plain name, here and when run as ``python FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
