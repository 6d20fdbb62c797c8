"""Where the table stands in its file, as far as somebody said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clvcore.ingest.raw import MAX_ROWS
from clvcore.records.errors import ConfigError, ReadError


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which line holds the names, and which part of the file the table; hashable.

    Parameters
    ----------
    header_row
        Line of the file (row of the sheet) that names the columns, 1-based; 0: no line does.
        None: searched for.
    sheet
        Name of the sheet of a workbook, or of the file of a ZIP archive. None: searched for, and
        parts of one shape are joined.

    Raises
    ------
    ConfigError
        If ``header_row`` is no line number or ``sheet`` is blank.
    """

    header_row: int | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        """Check what can be checked without the file."""
        row = self.header_row
        if row is not None and (type(row) is not int or not 0 <= row <= MAX_ROWS):
            raise ConfigError(
                "HEADER_ROW_INVALID",
                "header_row must be the number of the line that names the columns, counted from "
                "1, or 0 if no line does; got {value!r}.",
                value=row,
            )
        if self.sheet is not None and not (isinstance(self.sheet, str) and self.sheet.strip()):
            raise ConfigError(
                "SHEET_INVALID",
                "sheet must be the name of a sheet, got {value!r}. Leave it out to have the "
                "sheet searched for.",
                value=self.sheet,
            )

    def to_dict(self) -> dict[str, Any]:
        """Return both as JSON types."""
        return asdict(self)

    def refuse_for(self, kind: str) -> None:
        """Raise ReadError if anything was named: a source of this kind has no lines or sheets."""
        for name, value in self.to_dict().items():
            if value is not None:
                raise ReadError(
                    "NOTHING_TO_NAME",
                    "{name} was given, but {kind} has neither lines above its table nor sheets. "
                    "Leave it out.",
                    name=name, kind=kind,
                )  # fmt: skip

    def refuse_sheet(self) -> None:
        """Raise ReadError if a sheet was named: text has none."""
        if self.sheet is not None:
            raise ReadError(
                "NO_SHEETS",
                "Sheet {sheet!r} was asked for, but the file is no workbook and no archive. "
                "Leave the sheet out.",
                sheet=self.sheet,
            )


ANYWHERE = Layout()


def header_row_missing(header_row: int) -> ReadError:
    """Say that the line named holds no table."""
    return ReadError(
        "HEADER_ROW_MISSING",
        "No column names stand on line {line}: it is blank, has one cell only, or lies behind "
        "the end. Lines count from 1, blank ones too.",
        line=header_row,
    )


def sheet_missing(sheet: str, found: Sequence[str]) -> ReadError:
    """Say that there is no such sheet, and which there are."""
    return ReadError(
        "SHEET_MISSING",
        "The file has no sheet {sheet!r}. Found: {found}.",
        sheet=sheet, found=", ".join(found[:20]),
    )  # fmt: skip
