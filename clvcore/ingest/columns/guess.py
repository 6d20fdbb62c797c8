"""Guess which column means what, from the names of the columns and from their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clvcore.ingest.columns.evidence import ENOUGH, Traits, plain_dates, traits_of, weighed
from clvcore.ingest.columns.headers import name_score, plain_words
from clvcore.ingest.columns.mapping import (
    REQUIRED,
    Mapping,
    check_roles,
    may_be_attribute,
    unknown_column,
)
from clvcore.ingest.columns.nameless import NAMELESS, by_numbers, may_be_pieces, repeated_numbers
from clvcore.ingest.columns.orderwise import is_order_total
from clvcore.ingest.columns.outcomes import is_net, refunds_of, status_of
from clvcore.ingest.columns.summaries import refuse_summaries
from clvcore.ingest.presets import Preset, fitting_preset, preset_mapping, recognize
from clvcore.ingest.raw import UNNAMED, RawTable
from clvcore.records.errors import MappingError, Notice

BY_VALUES_ALONE = 0.35  # score, 0 to 1, of a role that no name speaks for
BY_NAME_AND_WORDS = 0.8  # score of a column whose name and words both say what it is
NEARLY_ALL = 0.9  # share of a column's cells from which it is of a kind
MOSTLY_EMAILS = 0.5  # share from which a column is people and no attribute
NONE = ""  # given for a role: there is no such column
MAX_LABELS = 200
MAX_ATTRIBUTES = 10
NAMED = (*REQUIRED, "order_id", "quantity", "status", "refunded")
EXAMPLES = {"customer_id": "customer number", "date": "order date", "amount": "order total"}


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A mapping with how sure each role is (0 to 1), and what to look at before trusting it."""

    mapping: Mapping
    confidence: dict[str, float]
    notes: tuple[Notice, ...] = ()


def guess_mapping(raw: RawTable, *, given: dict[str, Any] | None = None) -> Guess:
    """Guess customer, date, amount and order, and which other columns describe customers.

    An export of a known platform is mapped as its preset says, without a guess. Everything else
    is told from the names of the columns, in fourteen languages, and from their values.

    Parameters
    ----------
    given
        Roles and settings already decided; only the others are guessed. Naming a role switches
        presets off, naming a preset uses that one. ``status`` and ``refunded`` may be ``""``: no
        column is read as that.

    Raises
    ------
    MappingError
        If a role cannot be found, or a given column is not there; names the columns found.
    DataError
        If the rows are customers summed up, not orders, unless all columns are given.
    """
    given = {role: value for role, value in (given or {}).items() if value is not None}
    check_roles(given)
    _check_given(given, raw)
    if preset := _preset(raw, given):
        return _recognized(preset, raw, given)
    if not all(role in given for role in REQUIRED):
        refuse_summaries(raw)
    fixed = {given[role] for role in NAMED if role in given}
    fixed.update(given.get("attributes", ()))
    traits = [traits_of(raw, name) for name in raw.columns if name not in fixed]
    found = _assign(traits, given)
    roles = {role: column for role, (column, _) in found.items()} | given
    notes = _multiply(roles, found, given, traits)
    _check_found(roles, raw)
    notes += _by_values_alone(roles, found, traits)
    _outcomes(roles, found, raw, given)
    if "attributes" not in given:
        used = {column for role, column in roles.items() if role != "attributes"}
        roles["attributes"] = _attributes([t for t in traits if t.name not in used])
    mapping = Mapping.from_dict(roles)
    sure = {role: round(found[role][1], 2) for role in found if role in roles}
    sure.update({role: 1.0 for role in given if role in NAMED})
    return Guess(mapping=mapping, confidence=sure, notes=notes + _doubles(mapping, raw))


def _preset(raw: RawTable, given: dict[str, Any]) -> Preset | None:
    if "preset" in given:
        return fitting_preset(given["preset"], raw.columns)
    if any(role in given for role in NAMED):
        return None
    return recognize(raw.columns)


def _recognized(preset: Preset, raw: RawTable, given: dict[str, Any]) -> Guess:
    mapping = preset_mapping(preset, raw, given)
    note = Notice(
        "PRESET_RECOGNIZED",
        "The columns are those of an orders export of {preset}, and are mapped accordingly.",
        preset=preset.title,
    )
    sure = {role: 1.0 for role, _ in mapping.roles() if role != "attributes"}
    return Guess(mapping=mapping, confidence=sure, notes=(note,))


def _check_given(given: dict[str, Any], raw: RawTable) -> None:
    for role in (*NAMED, "email"):
        if given.get(role) == NONE and role in ("status", "refunded"):
            continue
        if role in given and given[role] not in raw.columns:
            raise unknown_column(role, given[role], raw.columns)
    for column in given.get("attributes", ()):
        if column not in raw.columns:
            raise unknown_column("attributes", column, raw.columns)


def _assign(traits: list[Traits], given: dict[str, Any]) -> dict[str, tuple[str, float]]:
    """Give each role the column that suits it best, the surest pair first."""
    wanted = [role for role in ("customer_id", "date", "amount", "order_id") if role not in given]
    if "quantity" not in given and "amount" not in given:
        wanted += ["unit_price", "quantity"]
    places = {column.name: -place for place, column in enumerate(traits)}
    scores = [
        (score, places[column], role, column)
        for role, columns in weighed(wanted, traits).items()
        for column, score in columns.items()
    ]
    found: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for score, _, role, column_name in sorted(scores, reverse=True):
        if score >= ENOUGH and role not in found and column_name not in taken:
            found[role] = column_name, score
            taken.add(column_name)
    _by_values(found, [t for t in traits if t.name not in taken], wanted)
    used = {column for column, _ in found.values()}
    lacking = [role for role in ("customer_id", "amount") if role in wanted and role not in found]
    left = [t for t in traits if t.name not in used]
    for role, column_name in by_numbers(
        left, lacking=lacking, texts_are_buyers="customer_id" in found
    ).items():
        found[role] = column_name, BY_VALUES_ALONE
    return found


def _by_values(found: dict[str, tuple[str, float]], left: list[Traits], wanted: list[str]) -> None:
    """Fill the roles no name speaks for, where the values leave only one choice."""
    for role in ("date", "amount", "customer_id"):
        if role not in wanted or role in found or (role == "amount" and "unit_price" in found):
            continue
        if role == "date":
            fitting = plain_dates(left)
        elif role == "amount":
            fitting = [t for t in left if t.numbers > NEARLY_ALL and t.dates < NEARLY_ALL]
        else:
            texts = [t for t in left if t.dates < NEARLY_ALL and t.numbers < NEARLY_ALL]
            nameless = all(NAMELESS.fullmatch(t.name) for t in left)
            # without names a note repeats as well as a customer: then only a lone text is one
            repeating = (
                texts + repeated_numbers(left)
                if nameless and len(texts + repeated_numbers(left)) > 1
                else [t for t in texts if t.repeats > 0]
            )
            fitting = [t for t in left if t.emails > NEARLY_ALL] or repeating
        if len(fitting) == 1:
            found[role] = fitting[0].name, BY_VALUES_ALONE
            left = [t for t in left if t is not fitting[0]]


def _multiply(
    roles: dict[str, Any],
    found: dict[str, tuple[str, float]],
    given: dict[str, Any],
    traits: list[Traits],
) -> tuple[Notice, ...]:
    """Settle whether money is a column, or pieces times the price of one."""
    price, pieces = roles.pop("unit_price", None), roles.pop("quantity", None)
    if "quantity" in given:
        roles["quantity"] = pieces
    if "amount" in roles or price is None:
        return ()
    roles["amount"] = price
    found["amount"] = found["unit_price"]
    if pieces is None:
        found["amount"] = price, 0.5 * found["unit_price"][1]
        return _without_pieces(price, traits)
    roles["quantity"] = pieces
    return (
        Notice(
            "AMOUNT_IS_PRODUCT",
            "There is no column for the amount, so it is {quantity} times {price}.",
            quantity=pieces, price=price,
        ),
    )  # fmt: skip


def _without_pieces(price: str, traits: list[Traits]) -> tuple[Notice, ...]:
    """Say that a price of one piece counts as it stands, where the name or a column hints at more.

    A column called just a price, beside none that counts anything, is what a row costs.
    """
    others = any(t.name != price and t.pieces for t in traits)
    if name_score("amount", price) >= ENOUGH and not others:
        return ()
    return (
        Notice(
            "PRICE_WITHOUT_PIECES",
            "There is no column for the amount, and none was recognized as pieces, so {price} "
            "counts as the money of a row. Name the column of pieces as the quantity if there is "
            "one.",
            price=price,
        ),
    )


def _by_values_alone(
    roles: dict[str, Any], found: dict[str, tuple[str, float]], traits: list[Traits]
) -> tuple[Notice, ...]:
    """Say which columns no name spoke for, and that pieces may be among those of no name."""
    notices = []
    guessed = [role for role, (_, sure) in found.items() if sure == BY_VALUES_ALONE]
    if guessed:
        notices.append(
            Notice(
                "COLUMNS_BY_VALUES",
                "No name said what these columns are, so they were told by their values alone: "
                "{columns}. Check them.",
                columns=", ".join(f"{role} = {roles[role]}" for role in guessed),
            )
        )
    used = set(map(str, roles.values()))
    pieces = [
        t.name
        for t in traits
        if t.name not in used and NAMELESS.fullmatch(t.name) and may_be_pieces(t)
    ]
    if "amount" in guessed and len(pieces) == 1:
        notices.append(
            Notice(
                "PIECES_POSSIBLE",
                "Column {column} may hold pieces. Column {amount} was taken for the money of a "
                "row; if it is the price of one piece, name {column} as the quantity.",
                column=pieces[0], amount=roles["amount"],
            )
        )  # fmt: skip
    return tuple(notices)


def _outcomes(
    roles: dict[str, Any], found: dict[str, tuple[str, float]], raw: RawTable, given: dict[str, Any]
) -> None:
    """Find what says which rows are no sale, what was given back, and totals on every line."""
    used = [roles[role] for role in NAMED if role in roles]
    if "status" not in given and (column := status_of(raw, used)):
        roles["status"], found["status"] = column, (column, BY_NAME_AND_WORDS)
    net = is_net(roles["amount"])
    if "refunded" not in given and not net and (column := refunds_of(raw, used)):
        roles["refunded"], found["refunded"] = column, (column, BY_NAME_AND_WORDS)
    for role in ("status", "refunded"):
        if roles.get(role) == NONE:
            del roles[role]
    whole = "order_id" in roles and "quantity" not in roles and "order_total" not in given
    if whole and is_order_total(raw, roles["order_id"], roles["amount"]):
        roles["order_total"] = True


def _check_found(roles: dict[str, Any], raw: RawTable) -> None:
    for role in REQUIRED:
        if role not in roles:
            raise MappingError(
                "ROLE_NOT_FOUND",
                "No column was recognized as {role} (such as the {example}). Columns found: "
                "{found}. Say which one it is in the mapping, or check that the first line of "
                "the file names the columns.",
                role=role, example=EXAMPLES[role], found=", ".join(raw.columns),
            )  # fmt: skip


def _attributes(left: list[Traits]) -> tuple[str, ...]:
    """Choose columns with few labels: a channel or a country, not a product or a price."""
    chosen: list[str] = []
    for traits in left:
        name = traits.name
        if name.startswith(UNNAMED) or traits.numbers > NEARLY_ALL or traits.dates > NEARLY_ALL:
            continue
        if not may_be_attribute(name) or name.casefold() in {c.casefold() for c in chosen}:
            continue
        if traits.labels_seen > MAX_LABELS or traits.emails >= MOSTLY_EMAILS:
            continue
        if 2 <= traits.labels <= min(MAX_LABELS, max(2, traits.filled / 3)):
            chosen.append(name)
    return tuple(chosen[:MAX_ATTRIBUTES])


def _doubles(mapping: Mapping, raw: RawTable) -> tuple[Notice, ...]:
    """Warn where another column has the same name as one in use."""
    notices = []
    for role, column in mapping.roles():
        same = [c for c in raw.columns if c != column and _base(c) == _base(column) != ""]
        if same and role != "attributes":
            notices.append(
                Notice(
                    "COLUMN_NAMED_TWICE",
                    "Column {column} was taken for {role}, but {other} has the same name. Check "
                    "which one it should be.",
                    column=column,
                    role=role,
                    other=", ".join(same),
                )
            )
    return tuple(notices)


def _base(column: str) -> str:
    head, mark, tail = column.rpartition(" (")
    return plain_words(head if mark and tail.rstrip(")").isdigit() else column)
