"""Files leave by one address only: signed in, once, and for whoever asked."""

from __future__ import annotations

import warnings

import pytest
from starlette.applications import Starlette

from app.accounts import sessions
from app.accounts.sessions import COOKIE
from app.accounts.users import add_user, disable_user, find_user, set_role
from app.server.downloads import route
from app.services import downloads
from app.services.downloads import File, offer
from app.services.session import identity_of

FILE = File(content=b"id,clv\r\n1,2.0\r\n", name="kund:innen ü.csv", media_type="text/csv")


@pytest.fixture
def client(empty_home):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client asks for a newer HTTP library on import
        from starlette.testclient import TestClient
    return TestClient(Starlette(routes=[route]))


def cookie(username: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={sessions.begin(username)}"}


def asked_by(username: str, capability: str = "export") -> str:
    return offer(identity_of(find_user(username)), FILE, capability)


def test_a_file_is_taken_once_by_whoever_asked_for_it(client):
    address = asked_by("analyst")
    first = client.get(address, headers=cookie("analyst"))
    assert (first.status_code, first.content) == (200, FILE.content)
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["content-disposition"].startswith("attachment; filename*=UTF-8''kund")
    assert client.get(address, headers=cookie("analyst")).status_code == 410


@pytest.mark.parametrize("header", [{}, {"Cookie": f"{COOKIE}=x.y.z"}])
def test_nobody_takes_a_file_without_signing_in(client, header):
    address = asked_by("analyst")
    assert client.get(address, headers=header).status_code == 401
    assert client.get(address, headers=cookie("analyst")).status_code == 200


def test_another_person_gets_nothing_and_spoils_nothing(client):
    address = asked_by("analyst")
    assert client.get(address, headers=cookie("admin")).status_code == 410
    assert client.get(address, headers=cookie("analyst")).status_code == 200


def test_a_closed_account_gets_nothing(client):
    address = asked_by("analyst")
    head = cookie("analyst")
    disable_user("analyst")
    assert client.get(address, headers=head).status_code == 401


def test_a_file_waits_for_minutes_only(client, monkeypatch):
    address = asked_by("analyst")
    later = downloads.monotonic() + 6 * 60
    monkeypatch.setattr(downloads, "monotonic", lambda: later)
    assert client.get(address, headers=cookie("analyst")).status_code == 410


@pytest.mark.parametrize(
    ("before", "after", "capability", "status"),
    [
        ("analyst", "marketing", "export", 403),
        ("admin", "executive", "export", 403),
        ("marketing", "executive", "data", 403),
        ("marketing", "executive", "report", 200),
        ("admin", "analyst", "export", 200),
    ],
)
def test_the_right_is_asked_for_when_the_file_is_fetched(client, before, after, capability, status):
    add_user("eva", "correct horse battery", role=before)
    address = asked_by("eva", capability)
    set_role("eva", after)
    answer = client.get(address, headers=cookie("eva"))
    assert answer.status_code == status
    assert (FILE.content in answer.content) == (status == 200)
    assert "no-store" in answer.headers["cache-control"]
    assert client.head(address, headers=cookie("eva")).status_code == (
        410 if status == 200 else 403
    )


def test_asking_for_the_head_spends_nothing(client):
    address, head = asked_by("analyst"), cookie("analyst")
    for _ in range(3):
        asked = client.head(address, headers=head)
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-length"] == str(len(FILE.content))
    taken = client.get(address, headers=head)
    assert (taken.status_code, taken.content) == (200, FILE.content)
    # it said what the file itself says
    assert dict(asked.headers) == dict(taken.headers)
    assert client.head(address, headers=head).status_code == 410
    assert client.head(address).status_code == 401


def test_what_other_tenants_prepare_takes_no_room_from_mine(client):
    add_user("bo", "correct horse battery", role="admin", tenant="elsewhere")
    mine = asked_by("analyst")
    theirs = [asked_by("bo") for _ in range(2 * downloads.MOST_WAITING)]
    assert client.get(mine, headers=cookie("analyst")).status_code == 200
    kept = [client.head(address, headers=cookie("bo")).status_code for address in theirs]
    assert kept == [410] * downloads.MOST_WAITING + [200] * downloads.MOST_WAITING


def test_few_files_wait_at_once_and_the_oldest_makes_room(client):
    addresses = [asked_by("analyst") for _ in range(downloads.MOST_WAITING + 1)]
    head = cookie("analyst")
    assert client.get(addresses[0], headers=head).status_code == 410
    assert client.get(addresses[-1], headers=head).status_code == 200


def test_the_server_has_this_address():
    from app.server.asgi import app

    assert route in app._user_routes
