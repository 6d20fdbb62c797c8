"""The process that reads what a stranger uploaded: ``python -m app.services.parse_child FOLDER``.

It limits itself before it opens anything, reads ``request.json`` and the raw bytes, and leaves
Parquet and JSON behind, the result last and under its name only once all of it is on the disk. A
bomb or a broken decoder ends this process and no other.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from clvcore.ingest import RawTable

RESULT, PREVIEW, TRANSACTIONS = "result.json", "preview.parquet", "transactions"
QUESTION = "question.json"
PREVIEW_ROWS = 5
NO_ROOM = 28  # exit code: it is the disk, and not the file
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a child may use: bytes of address space and of any file, seconds of processor time."""

    memory: int = 3 * 2**30
    file: int = 2 * 2**30
    cpu_seconds: int = 120


@dataclass(frozen=True, kw_only=True)
class Request:
    """One task: ``inspect`` the bytes, or ``check`` them against a mapping.

    ``mapping`` holds the columns and, under ``options``, what is to be left out on purpose;
    ``layout`` says where the table stands, as far as somebody named it.
    """

    task: str
    data: str
    name: str
    mapping: dict[str, Any] | None
    currency: str | None
    limits: Limits
    layout: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Request:
        parts = json.loads(text)
        return cls(**{**parts, "limits": Limits(**parts["limits"])})


def main(folder: Path) -> None:
    """Do the task in ``folder``; a refusal is a result like any other."""
    request = Request.from_json((folder / "request.json").read_text("utf-8"))
    _confine(request.limits)
    # only now: importing the readers takes memory that the limits should count
    from app.workers.wire import error_to_json
    from clvcore.records.errors import ClvError
    from clvcore.store.strict_json import to_json

    try:
        result = _inspect(request, folder) if request.task == "inspect" else _check(request, folder)
    except ClvError as error:
        result = {"refused": error_to_json(error)}
    _leave_behind(folder / RESULT, to_json(result))


def _leave_behind(file: Path, content: bytes) -> None:
    """Write a file that is there completely or not at all, however this process ends."""
    draft = file.with_name(f".{file.name}.part")
    with open(draft, "xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def _confine(limits: Limits) -> None:
    if sys.platform == "win32":
        return  # no such limits there; the parent's clock still holds
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
    # soft before hard: the signal then tells running out of time from being killed for memory
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))


def _read(request: Request) -> RawTable:
    from clvcore.ingest import read_raw

    return read_raw(Path(request.data).read_bytes(), name=request.name, **request.layout)


def _inspect(request: Request, folder: Path) -> dict[str, Any]:
    from app.workers.wire import error_to_json
    from clvcore.ingest import guess_mapping
    from clvcore.records.errors import DataError
    from clvcore.store.strict_json import notices_to_json

    raw = _read(request)
    _write_preview(raw, folder / PREVIEW)
    result: dict[str, Any] = {
        "columns": raw.table.column_names, "rows": raw.table.num_rows, "mapping": None,
        "confidence": {}, "notes": [], "problem": None,
        "header_row": raw.header_row, "sheets": raw.sheets, "sheet": raw.sheet,
    }  # fmt: skip
    try:
        guess = guess_mapping(raw)
    except DataError as error:  # rows may also be no orders; columns can then be named by hand
        return {
            **result, "problem": error_to_json(error), "notes": notices_to_json(raw.notices),
        }  # fmt: skip
    return {
        **result,
        "mapping": guess.mapping.to_dict(),
        "confidence": dict(guess.confidence),
        "notes": notices_to_json(guess.notes),
    }


def _check(request: Request, folder: Path) -> dict[str, Any]:
    from app.services.readings import open_question
    from clvcore.ingest import IngestOptions, Mapping, validate
    from clvcore.records.errors import DataError
    from clvcore.store import save_transactions
    from clvcore.store.strict_json import to_json

    chosen = dict(request.mapping or {})
    options = IngestOptions.from_dict(chosen.pop("options", {}))
    mapping = Mapping.from_dict(chosen)
    raw = _read(request)
    try:
        transactions = validate(raw, mapping, currency=request.currency, options=options)
    except DataError as error:
        question = open_question(raw, error)
        if question is not None:
            (folder / QUESTION).write_bytes(to_json(question.to_dict()))
        raise
    save_transactions(transactions, folder / TRANSACTIONS)
    return {}


def _write_preview(raw: RawTable, file: Path) -> None:
    """Keep the first rows as text; a native value is written as Python writes it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from clvcore.ingest.identifiers import as_text

    def written(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
        try:
            cells = column.to_pylist()
        except (OverflowError, ValueError):  # a day before the year 1 or after 9999, say
            return as_text(column)
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())

    head = raw.table.slice(0, PREVIEW_ROWS)
    text = [written(column) for column in head.columns]
    pq.write_table(pa.table(text, names=head.column_names), file)


def _main(folder: Path) -> NoReturn:
    """Do the task and leave at once.

    Threads of the readers may still hold buffers: taking the interpreter down under them ends in
    an abort now and then, after everything was written.
    """
    code = 1
    try:
        main(folder)
        code = 0
    except OSError as error:
        traceback.print_exc()
        code = NO_ROOM if error.errno in OF_THE_DISK else 1
    except BaseException:  # nobody is left to raise it to: its parent logs what is printed
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
