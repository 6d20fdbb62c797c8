"""What may be a password, and how one is compared."""

from __future__ import annotations

from functools import cache

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.accounts import passwords
from app.accounts.passwords import AccountError, check_rules, hashed, matches, random_password


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(passwords, "COST", 4)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "PASSWORD_LENGTH"),
        ("elevenchars", "PASSWORD_LENGTH"),
        ("x" * 65, "PASSWORD_LENGTH"),
        ("x" * 2**20, "PASSWORD_LENGTH"),
        ("", "PASSWORD_LENGTH"),
        ("\U0001f600" * 19, "PASSWORD_BYTES"),
        (" leading blank", "PASSWORD_BLANKS"),
        ("trailing blank ", "PASSWORD_BLANKS"),
        ("a null \0 inside", "PASSWORD_BLANKS"),
        ("a line\nand another", "PASSWORD_BLANKS"),
    ],
)
def test_an_unusable_password_is_refused_with_its_reason(password, code):
    with pytest.raises(AccountError) as refused:
        check_rules(password)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password", ["twelve chars", "x" * 64, "\U0001f600" * 18, "päßwörter sind"]
)
def test_a_password_within_the_rules_is_kept_and_recognized(password):
    assert matches(password, hashed(password))
    assert not matches(password + "!", hashed(password))


def test_composed_and_decomposed_letters_are_the_same_password():
    assert matches("Jose\u0301 y Mari\u0301a", hashed("José y María"))


def test_random_passwords_keep_the_rules_and_differ():
    drawn = {random_password() for _ in range(50)}
    assert len(drawn) == 50
    assert all(check_rules(password) == password for password in drawn)


@cache
def _kept():
    return hashed("correct horse battery")


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_text_breaks_the_comparison(text):
    kept = _kept()
    assert matches(text, kept) == (passwords.normalized(text) == "correct horse battery")
    assert not matches(text, None)


def test_an_unknown_user_costs_the_work_of_a_known_one(monkeypatch):
    kept = hashed("correct horse battery")
    matches("the dummy is made on first use", None)
    compared = []

    def counting(typed, against, compare=bcrypt.checkpw):
        compared.append(against[:7])
        return compare(typed, against)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", counting)
    matches("a wrong password", kept)
    matches("a wrong password", None)
    matches("\U0001f600" * 2**18, None)
    assert compared == [b"$2b$04$"] * 3
