import pytest

from clvcore.ingest import Mapping, read_raw, validate
from clvcore.records.errors import MappingError

GOOD = {"customer_id": "who", "date": "when", "amount": "paid"}


def test_a_mapping_survives_the_trip_through_json_types():
    mapping = Mapping(
        **GOOD, order_id="order", quantity="pieces", attributes=("channel",), decimal=",",
        date_order="dmy", email="mail", preset="shopify", include_tax=False,
    )  # fmt: skip
    assert Mapping.from_dict(mapping.to_dict()) == mapping
    assert hash(Mapping.from_dict(mapping.to_dict())) == hash(mapping)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": "who"}, "COLUMN_USED_TWICE"),
        ({"attributes": ["paid"]}, "COLUMN_USED_TWICE"),
        ({"attributes": ["Channel", "channel"]}, "ATTRIBUTE_NAME_TAKEN"),
        ({"attributes": ["Segment"]}, "ATTRIBUTE_NAME_TAKEN"),
        ({"attributes": ["kept"]}, "ATTRIBUTE_NAME_TAKEN"),
        ({"attributes": ["year"]}, "ATTRIBUTE_NAME_TAKEN"),
        ({"decimal": ";"}, "UNKNOWN_CHOICE"),
        ({"date_order": "ydm"}, "UNKNOWN_CHOICE"),
        ({"email": "mail", "attributes": ["mail"]}, "EMAIL_KEPT_TWICE"),
        ({"email": "mail", "attributes": ["Email"]}, "EMAIL_KEPT_TWICE"),
        ({"include_tax": True}, "CHOICE_NEEDS_PRESET"),
        ({"include_shipping": False}, "CHOICE_NEEDS_PRESET"),
        ({"price": "paid"}, "UNKNOWN_ROLE"),
        ({"amount": None}, "ROLE_MISSING"),
    ],
)
def test_a_contradiction_is_refused_before_any_row_is_read(changes, code):
    with pytest.raises(MappingError) as caught:
        Mapping.from_dict(GOOD | changes)
    assert caught.value.code == code


def test_a_column_that_is_not_in_the_file_is_named_with_those_that_are():
    raw = read_raw(b"who,when,total\nA,2024-01-05,3\n")
    with pytest.raises(MappingError, match=r"'paid' for amount.*who, when, total") as caught:
        validate(raw, Mapping(**GOOD))
    assert caught.value.code == "UNKNOWN_COLUMN"


def test_the_email_column_may_be_the_customers_and_must_be_there():
    assert Mapping(**GOOD, email="who").email == "who"
    with pytest.raises(MappingError, match="'mail' for email"):
        Mapping(**GOOD, email="mail").check_columns(GOOD.values())


def test_the_email_column_is_no_role_that_is_listed_with_rejected_rows():
    assert Mapping(**GOOD, email="mail").roles() == Mapping(**GOOD).roles()
