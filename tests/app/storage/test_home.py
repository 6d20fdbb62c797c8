"""Where things are kept."""

from __future__ import annotations

import stat

import pytest

from app.storage.home import clv_home, tenant_folder


def test_the_variable_names_the_home(home):
    assert clv_home() == home.resolve()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_without_the_variable_it_is_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("CLV_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, *_: tmp_path / name)
    assert clv_home() == (tmp_path / "clv").resolve()


def test_tenants_have_folders_of_their_own(home):
    assert tenant_folder("a", "runs") == home.resolve() / "tenants" / "a" / "runs"
    assert tenant_folder("a", "runs") != tenant_folder("b", "runs")


@pytest.mark.parametrize("tenant", ["", "..", "../b", "a/b", "A", "a b", "-a", "a" * 64, "a\0"])
def test_a_tenant_that_could_be_a_path_is_refused(home, tenant):
    with pytest.raises(ValueError, match="not a tenant"):
        tenant_folder(tenant, "runs")
