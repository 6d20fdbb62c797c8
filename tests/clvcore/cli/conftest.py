"""The command in this process, orders to give it, and its JSON read as strictly as strangers do."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from clvcore.cli import app, past
from clvcore.runs import forecast as pipeline
from clvcore.sample import sample_orders

HEADER = "customer_id,date,amount\n"
START = dt.date(2023, 1, 1)


def _clv(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _strict_json(text: str) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _text(rows: list[tuple[str, int, object]]) -> bytes:
    lines = "".join(
        f"{who},{START + dt.timedelta(days=int(day))},{amount}\n" for who, day, amount in rows
    )
    return (HEADER + lines).encode()


def _random(days: int, amount: object = None) -> list[tuple[str, int, object]]:
    generator = np.random.default_rng(0)
    return [
        (
            f"C{generator.integers(60)}",
            generator.integers(days),
            amount or round(float(generator.gamma(2, 10)), 2),
        )
        for _ in range(300)
    ]


@pytest.fixture(scope="session")
def clv() -> Callable[..., Result]:
    """Run the command with these arguments."""
    return _clv


@pytest.fixture(scope="session")
def strict_json() -> Callable[[str], dict[str, Any]]:
    """Read one JSON document, in which NaN and Infinity have no place."""
    return _strict_json


@pytest.fixture(scope="session")
def orders() -> SimpleNamespace:
    """``text`` writes (customer, day, amount) rows as CSV, ``random`` makes up 300 of them."""
    return SimpleNamespace(header=HEADER.encode(), text=_text, random=_random)


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Path:
    """Orders of 250 customers."""
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    sample_orders(250, seed=2).to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def made() -> dict[tuple, object]:
    """What the engine has already answered."""
    return {}


@pytest.fixture(scope="module", autouse=True)
def _the_engine_answers_each_question_once(made) -> Iterator[None]:
    """The commands stay whole; the same orders under the same settings are forecast only once."""

    def remembering(function: Callable) -> Callable:
        @functools.wraps(function)
        def answer(transactions, config=None, on_step=None):
            if on_step is not None:  # whoever listens wants to hear it done
                return function(transactions, config, on_step)
            lines = transactions.lines
            question = (function, transactions.content_hash, transactions.currency,
                        tuple(lines.column_names), repr(config))  # fmt: skip
            if question not in made:
                made[question] = function(transactions, config)
            return made[question]

        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "forecast", remembering(pipeline.forecast))
        patch.setattr(past, "check_past", remembering(past.check_past))
        yield
