"""Words for nothing: missing values where they can be nothing else, a doubt where they can."""

import pytest
from tables import balanced, codes, orders, text

from clvcore.ingest import read_transactions
from clvcore.ingest.amounts.amounts import read_amounts
from clvcore.ingest.dates.dates import read_dates
from clvcore.ingest.ledger import REASONS
from clvcore.ingest.markers import CERTAIN, FAILED, LIKELY

ROWS = 300
MISSING = sorted(set(CERTAIN) - set(FAILED)) + list(LIKELY)


def shop(every=0, marker="", column=0, rows=ROWS):
    """Orders of 60 customers; each n-th row has ``marker`` in one of the columns."""
    lines = []
    for n in range(rows):
        cells = [f"c{n % 60}", f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}", f"{5 + n % 37}.50"]
        if every and n % every == 0:
            cells[column] = marker
        lines.append(",".join(cells))
    return orders(*lines)


@pytest.mark.parametrize("marker", MISSING)
def test_a_marker_is_a_missing_date_and_a_missing_amount(marker):
    for spelling in {marker, marker.upper(), marker.title()}:
        read = read_dates(text("2024-01-05", spelling, f" {spelling} "), name="when")
        assert [REASONS[fault] for fault in read.faults] == ["", "missing_date", "missing_date"]
        paid = read_amounts(text("1.50", spelling), name="paid")
        assert [REASONS[fault] for fault in paid.faults] == ["", "missing_amount"]


@pytest.mark.parametrize("marker", FAILED)
def test_a_failed_sum_of_a_spreadsheet_is_unreadable_not_missing(marker):
    paid = read_amounts(text("1.50", marker), name="paid")
    assert [REASONS[fault] for fault in paid.faults] == ["", "unreadable_amount"]


@pytest.mark.parametrize("marker", [*CERTAIN, *LIKELY])
def test_a_marker_in_a_fifth_of_the_rows_is_no_customer_and_that_is_said(marker):
    quoted = marker if '"' not in marker else '"' + marker.replace('"', '""') + '"'
    quality = balanced(read_transactions(shop(5, quoted)).quality)
    if marker == '""':
        assert quality.rows_dropped["missing_customer_id"] == ROWS // 5
        return
    assert quality.rows_dropped == {"missing_customer_id": ROWS // 5}
    (notice,) = [each for each in quality.warnings if each.code == "MISSING_MARKERS"]
    assert notice.startswith(f"{ROWS // 5} rows have {marker} in the place")


@pytest.mark.parametrize("name", ["NA", "None", "null", "Nan", "nil", "-"])
def test_a_customer_called_so_once_is_kept_and_doubted_with_a_count(name):
    data = shop() + f"{name},2024-05-06,9.50\n".encode()
    read = read_transactions(data)
    assert read.quality.rows_used == ROWS + 1
    assert name in read.to_pandas()["customer_id"].tolist()
    (notice,) = [each for each in read.quality.warnings if each.code == "GUEST_IDS"]
    assert "belong to 1 ids" in notice


@pytest.mark.parametrize("marker", ["NULL", "None", "NA"])
def test_a_word_that_is_missing_in_another_column_is_missing_here_too(marker):
    rows = [f"{marker},2024-05-06,9.50\n", f"c3,2024-05-06,{marker}\n", f"c4,{marker},1.50\n"]
    quality = read_transactions(shop() + "".join(rows).encode()).quality
    assert balanced(quality).rows_dropped == {
        "missing_customer_id": 1, "missing_date": 1, "missing_amount": 1,
    }  # fmt: skip
    assert "MISSING_MARKERS" in codes(quality.warnings)


def test_certain_markers_are_missing_even_once():
    data = shop() + b"\\N,2024-05-06,9.50\n#N/A,2024-05-07,9.50\n<NA>,2024-05-08,9.50\n"
    quality = balanced(read_transactions(data).quality)
    assert quality.rows_dropped == {"missing_customer_id": 3}


@pytest.mark.parametrize("marker", [r"\N", "NULL", "n/a", "-"])
def test_refunds_without_an_order_are_not_linked_by_their_marker(marker):
    names = "order_id,customer_id,date,amount"
    rows = [f"{n},c{n % 7},2024-01-{1 + n % 28:02d},{n + 5}.50" for n in range(60)]
    blank, marked = (
        orders(*rows, f"{cell},c1,2024-02-03,20.00", f"{cell},c1,2024-02-09,-20.00", names=names)
        for cell in ("", marker)
    )
    one, other = (read_transactions(data) for data in (blank, marked))
    assert one.quality.amount_used == other.quality.amount_used
    assert one.quality.rows_dropped == other.quality.rows_dropped


def test_a_clean_file_says_nothing():
    assert codes(read_transactions(shop()).quality.warnings) == []
