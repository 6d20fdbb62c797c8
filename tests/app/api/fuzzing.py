"""Generated requests against the interface, checked by everything schemathesis knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema

from app.accounts.tenants import Keys

# A body can be what the description allows and still carry no forecast: that is a documented 422.
CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "422"]}}


@dataclass
class Findings:
    """What was sent, what came back, and what was wrong with it."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()


def fuzz(
    url: str, keys: Keys, *, examples: int, corners: bool, path: str | None = None, seed: int = 0
) -> Findings:
    """Send ``examples`` generated requests to each operation; with ``corners`` first every limit.

    Server errors, answers that are no JSON and answers unlike their description are failures.
    """
    config = SchemathesisConfig.from_dict(
        {
            "checks": CHECKS,
            "headers": {
                "Authorization": f"Bearer {keys.token}",
                "X-Customer-Api-Id": keys.tenant_id,
                "X-Secret": keys.secret,
            },
            "generation": {"max-examples": examples, "database": "none", "codec": "utf-8"},
            "phases": {"coverage": {"enabled": corners}, "stateful": {"enabled": False}},
            "seed": seed,
        }
    )
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=config)
    if path is not None:
        schema = schema.include(path=path)
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(event.recorder, found)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.failures.append(repr(getattr(event, "value", event)))
    return found


def _note(recorder: Any, found: Findings) -> None:
    for interaction in recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure: Failure = check.failure_info.failure
                sample = check.failure_info.code_sample
                found.failures.append(f"{recorder.label}: {failure.title}: {failure}\n{sample}")
