"""``clv tenants``: keys are printed once, and whoever has them is the tenant."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from starlette.datastructures import Headers
from typer.testing import CliRunner

from app.accounts.tenants import UUID4
from app.api.credentials import authenticate
from app.api.errors import ApiError
from app.cli.commands import command_line


@pytest.fixture
def clv(home):
    return lambda *words: CliRunner().invoke(command_line(), ("tenants", *words))


def test_the_newest_two_keys_live_however_the_clock_is_set(clv, monkeypatch):
    now = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
    made = []
    for number, word in enumerate(("add", "rotate", "rotate", "rotate")):
        earlier = now - dt.timedelta(hours=number)
        monkeypatch.setattr("app.accounts.tenants.utc_now", lambda at=earlier: at)
        made.append(json.loads(clv(word, "Our shop", "--json").stdout)["token"])

    def lives(token: str) -> bool:
        try:
            authenticate(Headers({"authorization": f"Bearer {token}"}), by_secret=False)
        except ApiError:
            return False
        return True

    assert [lives(token) for token in made] == [False, False, True, True]


def test_a_tenant_is_added_listed_and_rotated(clv):
    keys = json.loads(clv("add", "Our shop", "--json").stdout)
    assert sorted(keys) == ["secret", "tenant_id", "token"]
    assert UUID4.match(keys["tenant_id"])
    assert len(keys["secret"]) == 64
    caller = authenticate(Headers({"authorization": f"Bearer {keys['token']}"}), by_secret=False)
    assert caller.tenant == keys["tenant_id"]
    again = json.loads(clv("rotate", "Our shop", "--expires-days", "30", "--json").stdout)
    assert again["tenant_id"] == keys["tenant_id"]
    assert again["token"] != keys["token"]
    listed = clv("list", "--json")
    (row,) = json.loads(listed.stdout)["tenants"]
    assert (row["name"], row["live_keys"], row["disabled"]) == ("Our shop", 2, False)
    assert row["last_used_at"] is not None
    shown = listed.stdout + clv("list").stdout
    assert not any(x in shown for x in (keys["secret"], keys["token"], again["token"]))
    assert "2 live keys" in shown
    printed = clv("rotate", keys["tenant_id"]).stdout
    assert keys["tenant_id"] in printed
    assert "shown this once" in printed


def test_a_tenant_is_disabled_and_enabled(clv):
    clv("add", "Our shop")
    assert clv("disable", "Our shop").stdout == "Our shop is disabled.\n"
    assert json.loads(clv("enable", "Our shop", "--json").stdout)["disabled"] is False


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "Our shop"), "already a tenant"),
        (("add", " \n "), "1 to 120 characters"),
        (("add", "x" * 121), "1 to 120 characters"),
        (("add", "Other", "--expires-days", "9999"), "1 to 3650 days"),
        (("rotate", "nobody"), "no tenant 'nobody'"),
        (("disable", "nobody"), "no tenant 'nobody'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(clv, words, reason):
    clv("add", "Our shop")
    refused = clv(*words)
    assert refused.exit_code == 1
    assert reason in refused.stderr


def test_without_tenants_the_list_says_how_to_make_one(clv):
    assert "clv tenants add" in clv("list").stdout
