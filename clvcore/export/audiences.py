"""Lists under the headers other programs expect; those that find people by e-mail need one.

Each preset names the public page its headers come from. Columns a program does not know become its
custom fields, under the header they have here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clvcore.export.text import customers_csv
from clvcore.records.columns import CUSTOMER, DATE, EMAIL
from clvcore.records.errors import ConfigError, DataError
from clvcore.records.transactions import Transactions

_ADDRESS = re.compile(r"[^\s@=+\-'\"][^\s@]*@[^\s@]+\.[^\s@]+")
Make = Callable[[pd.DataFrame, "pd.Series[Any]"], "pd.Series[Any]"]


@dataclass(frozen=True, kw_only=True)
class Audience:
    """One preset: its stable name, what people call it, its page, and how each column is made."""

    name: str
    title: str
    page: str
    columns: dict[str, Make]


def _column(name: str, decimals: int | None = None) -> Make:
    def make(customers: pd.DataFrame, _: pd.Series[Any]) -> pd.Series[Any]:
        column = customers[name]
        return column if decimals is None else column.round(decimals)

    return make


def _address(_: pd.DataFrame, addresses: pd.Series[Any]) -> pd.Series[Any]:
    return addresses


def _hashed(_: pd.DataFrame, addresses: pd.Series[Any]) -> pd.Series[Any]:
    """Return SHA-256 of the trimmed lower-case address, in hexadecimal."""
    return addresses.map(lambda address: hashlib.sha256(address.encode()).hexdigest())


def _tags(customers: pd.DataFrame, _: pd.Series[Any]) -> pd.Series[Any]:
    return "value " + customers["segment"] + ", risk " + customers["risk"].str.replace("_", " ")


def _worth(customers: pd.DataFrame, _: pd.Series[Any]) -> pd.Series[Any]:
    return customers["clv"].clip(lower=0).round(2)


_KNOWN = {
    "CLV": _column("clv", 2),
    "CLV from": _column("clv_lower", 2),
    "CLV to": _column("clv_upper", 2),
    "CLV segment": _column("segment"),
    "Churn risk": _column("risk"),
    "Next action": _column("action"),
    "Last purchase": _column("last_purchase"),
}
AUDIENCES = {
    audience.name: audience
    for audience in (
        Audience(
            name="hubspot",
            title="HubSpot",
            page="https://knowledge.hubspot.com/articles/kcs_article/contacts/set-up-your-import-file",
            columns={"Email": _address, **_KNOWN},
        ),
        Audience(
            name="salesforce",
            title="Salesforce",
            page="https://help.salesforce.com/s/articleView?id=xcloud.field_mapping_for_other_data_"
            "sources_and_organization_import.htm&type=5",
            columns={"E-mail Address": _address, **_KNOWN},
        ),
        Audience(
            name="klaviyo",
            title="Klaviyo",
            page="https://help.klaviyo.com/hc/en-us/articles/115005078967",
            columns={"Email": _address, **_KNOWN},
        ),
        Audience(
            name="mailchimp",
            title="Mailchimp",
            page="https://mailchimp.com/help/format-guidelines-for-your-import-file/",
            columns={"Email Address": _address, **_KNOWN, "Tags": _tags},
        ),
        Audience(
            name="google_customer_match",
            title="Google Customer Match",
            page="https://support.google.com/google-ads/answer/7659867",
            columns={"Email": _hashed},
        ),
        Audience(
            name="meta_value_based",
            title="Meta value-based audience",
            page="https://www.facebook.com/business/help/2082575038703844",
            columns={"email": _hashed, "value": _worth},
        ),
    )
}


def addresses(transactions: Transactions) -> pd.Series[Any]:
    """Return each customer's latest usable e-mail address, by customer id.

    Ids that are addresses themselves serve where the orders keep no such column. An address is
    trimmed and put in lower case; one that a spreadsheet could take for a formula is not usable.
    """
    lines = transactions.lines
    kept = EMAIL in lines.column_names
    wanted = [CUSTOMER, DATE, EMAIL] if kept else [CUSTOMER, DATE]
    frame = lines.select(wanted).to_pandas()
    found = frame[EMAIL if kept else CUSTOMER].astype("str").str.strip().str.lower()
    usable = found.map(lambda text: bool(_ADDRESS.fullmatch(text)), na_action="ignore")
    frame = frame.assign(address=found)[usable.eq(True)]
    latest = frame.sort_values(DATE, kind="stable").drop_duplicates(CUSTOMER, keep="last")
    by_customer: pd.Series[Any] = latest.set_index(CUSTOMER)["address"]
    return by_customer


def audience_csv(name: str, customers: pd.DataFrame, known: pd.Series[Any]) -> tuple[bytes, int]:
    """Return a list under another program's headers, and how many customers are on it.

    Parameters
    ----------
    name
        A key of ``AUDIENCES``.
    customers
        ``Run.customers`` or any selection of its rows.
    known
        From ``addresses``; customers without one are left out, of several with one address the
        most valuable stays.

    Raises
    ------
    ConfigError
        If there is no such preset.
    DataError
        If none of the customers has an address.
    """
    audience = AUDIENCES.get(name)
    if audience is None:
        raise ConfigError(
            "UNKNOWN_AUDIENCE",
            "There is no list for {name!r}. Choose one of: {known}.",
            name=name, known=", ".join(AUDIENCES),
        )  # fmt: skip
    reached = known.reindex(customers.index).dropna()
    listed = customers.loc[reached.index].assign(address=reached)
    ranked = listed.sort_values("clv", ascending=False, kind="stable")
    listed = listed.loc[ranked.drop_duplicates("address").index.intersection(listed.index)]
    if listed.empty:
        raise DataError(
            "NO_ADDRESSES",
            "None of the {count} customers has an e-mail address, which {title} needs. Map the "
            "e-mail column when you add the orders.",
            count=len(customers), title=audience.title,
        )  # fmt: skip
    frame = pd.DataFrame(
        {head: make(listed, listed["address"]) for head, make in audience.columns.items()}
    )
    return customers_csv(frame.reset_index(drop=True)), len(frame)
