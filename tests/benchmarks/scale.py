"""Seconds and memory of a whole forecast by the size of the shop: the basis of the cost model.

``python tests/benchmarks/scale.py 100000 1000000`` simulates each shop into a folder of Parquet
files, a part at a time, and forecasts it in a process of its own; ``--model`` and ``--keep FOLDER``
(simulate once, measure again) are optional. Each line it prints is one size: processor and wall
seconds of reading and of the forecast, and the high-water marks in MB after each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from stages import FIRST_DAY, LAST_DAY, high_water_mb

PART = 250_000
HEADER = " customers     orders         read s     forecast s  read MB      MB"


def simulate_parts(customers: int, folder: Path) -> None:
    """Write a shop of about 2.7 orders per customer as Parquet files of 250,000 customers each.

    Orders of one customer stand in one part, with ids that differ between parts.
    """
    from clvcore.sample import ShopParameters, simulate_shop

    folder.mkdir(parents=True)
    for number, start in enumerate(range(0, customers, PART)):
        shop = ShopParameters(
            customers=min(PART, customers - start), first_day=FIRST_DAY, last_join_day=LAST_DAY,
            last_day=LAST_DAY, r=0.7, alpha=9.5, a=0.8, b=3.2, p=5.0, q=4.0, v=30.0,
        )  # fmt: skip
        frame = simulate_shop(shop, seed=number)[["customer_id", "date", "amount"]]
        table = pa.Table.from_pandas(frame, preserve_index=False)
        ids = pc.binary_join_element_wise(f"{number:03}", table["customer_id"].cast("string"), "")
        table = table.set_column(0, "customer_id", ids)
        pq.write_table(table, folder / f"part-{number:03}.parquet")


def measure(folder: Path, model: str) -> dict[str, float]:
    """Forecast a folder in this process, and return what it took."""
    import clvcore as clv

    begun = time.process_time(), time.perf_counter()
    orders = clv.read_transactions(folder)
    read = time.process_time(), time.perf_counter()
    read_mb = high_water_mb()
    run = clv.forecast(orders, clv.ForecastConfig(horizon_months=12, model=model))
    done = time.process_time(), time.perf_counter()
    return {
        "customers": len(run.customers), "orders": orders.quality.rows_used,
        "read_cpu": read[0] - begun[0], "read_wall": read[1] - begun[1],
        "cpu": done[0] - read[0], "wall": done[1] - read[1],
        "read_mb": read_mb, "mb": high_water_mb(),
    }  # fmt: skip


def line_of(took: dict[str, float]) -> str:
    """Return one size as a line; seconds as processor/wall."""
    read = f"{took['read_cpu']:.1f}/{took['read_wall']:.1f}"
    whole = f"{took['cpu']:.1f}/{took['wall']:.1f}"
    sizes = f"{took['customers']:>10,} {took['orders']:>10,}"
    return f"{sizes} {read:>14} {whole:>14} {took['read_mb']:>8,} {took['mb']:>7,}"


def main(arguments: list[str] | None = None) -> None:
    """Simulate and measure the sizes asked for."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000])
    ask.add_argument("--model", default="auto")
    ask.add_argument("--keep", type=Path)
    ask.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = ask.parse_args(arguments)
    if given.measure:
        sys.stdout.write(json.dumps(measure(given.measure, given.model)))
        return
    sys.stdout.write(f"{HEADER}\n")
    with tempfile.TemporaryDirectory() as scratch:
        for customers in given.sizes:
            folder = (given.keep or Path(scratch)) / f"{customers}"
            if not folder.exists():
                simulate_parts(customers, folder)
            command = [sys.executable, __file__, "--model", given.model, "--measure", str(folder)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            sys.stdout.write(f"{line_of(json.loads(done.stdout))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
