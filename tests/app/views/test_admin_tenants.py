"""Administration: tenants of the HTTP interface, whose keys are shown once."""

from __future__ import annotations

import re

import pytest

from app.accounts.tenants import find_tenant, list_tenants
from app.accounts.users import add_user, find_user
from app.services import tenant_administration
from app.services.session import identity_of
from app.storage import audit


def _add(page, name: str):
    page.text_input(key="tenant-name").set_value(name)
    button = next(b for b in page.button if b.label == "Add tenant")
    return button.click().run()


def test_a_tenant_gets_keys_that_are_shown_this_once(empty_home, open_page):
    page = _add(open_page("admin", role="admin"), "Shop <b>North</b>")
    assert not page.exception
    (told,) = [code.value for code in page.code]
    (tenant,) = list_tenants()
    assert tenant.id in told
    assert re.search(r"X-Secret: [0-9a-f]{64}\n", told)
    assert not page.run().code
    assert [line.action for line in audit.list_entries("local", action="tenant_added")]


def test_keys_rotate_and_access_is_closed_and_opened(empty_home, open_page):
    page = _add(open_page("admin", role="admin"), "North")
    page.button(key="tenant-rotate").click().run()
    assert len(page.code) == 1
    assert find_tenant("North").live_keys == 2
    page.button(key="tenant-close").click().run()
    assert find_tenant("North").disabled
    page.button(key="tenant-close").click().run()
    assert not find_tenant("North").disabled


def test_a_name_that_is_taken_is_refused_in_words(empty_home, open_page):
    page = _add(open_page("admin", role="admin"), "North")
    page = _add(page, "North")
    assert "already a tenant" in page.warning[0].value
    assert len(list_tenants()) == 1


def test_only_the_installation_looks_after_tenants(empty_home):
    add_user("otto", "correct horse battery", role="admin", tenant="other")
    for person in ("otto", "analyst"):
        identity = identity_of(find_user(person))
        with pytest.raises(PermissionError):
            tenant_administration.tenants_of(identity)
        with pytest.raises(PermissionError):
            tenant_administration.add_tenant(identity, "x", None)
