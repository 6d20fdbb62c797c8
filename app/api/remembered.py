"""The last forecasts of each tenant, so that the same orders are not fitted twice."""

from __future__ import annotations

import threading
from collections import OrderedDict

from app.api.fitted import Fitted

MOST_PER_TENANT = 4
MOST_CUSTOMERS = 1_000_000


class Remembered:
    """Fitted forecasts by tenant and question, the least recently used forgotten first."""

    def __init__(self, most_customers: int = MOST_CUSTOMERS) -> None:
        self._most = most_customers
        self._kept: OrderedDict[tuple[str, str], Fitted] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, tenant: str, key: str) -> Fitted | None:
        """Return the tenant's own forecast of a question, if it is still there."""
        with self._lock:
            found = self._kept.get((tenant, key))
            if found is not None:
                self._kept.move_to_end((tenant, key))
            return found

    def keep(self, tenant: str, key: str, fitted: Fitted) -> None:
        """Keep a forecast and forget what is too much."""
        with self._lock:
            self._kept[tenant, key] = fitted
            own = [name for name in self._kept if name[0] == tenant]
            for name in own[: max(0, len(own) - MOST_PER_TENANT)]:
                del self._kept[name]
            while self._customers() > self._most:
                self._kept.popitem(last=False)

    def _customers(self) -> int:
        return sum(len(fitted.customers) for fitted in self._kept.values())
