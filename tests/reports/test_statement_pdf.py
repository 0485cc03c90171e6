"""Statements as PDF: what is placed on the page, in every script and exponent, over many pages."""

import re
from datetime import date, timedelta

import msgspec

from tieout.model.bucket import Bucket
from tieout.model.owed import BucketRow, SellerStatement, StatementRow, Withheld
from tieout.reports.statement_pdf import page_of, pdf, printed, sentences_of

DAY = date(2026, 10, 1)
ROWS = (
    StatementRow(DAY, "ent_1", "order:1001", "Sold", {Bucket.PENDING: 5100}, {"sales": 5600, "commission": -500}),
    StatementRow(DAY, "ent_2", "order:1001", "Released", {Bucket.PENDING: -5100, Bucket.AVAILABLE: 5100}),
    StatementRow(DAY, "ent_3", "", "Correction", {Bucket.AVAILABLE: -100}),
)
STATEMENT = SellerStatement(
    "Lindenhof GmbH", "A", "Ölmühle & Söhne", "EUR", DAY, date(2026, 10, 31),
    (BucketRow(Bucket.PENDING, 0, 5100, -5100, 0), BucketRow(Bucket.AVAILABLE, 1000, 5100, -100, 6000)),
    ROWS, (Withheld(510, "Kept back", date(2027, 1, 2)), Withheld(None, "The shop is paused. Ask us.")),
    date(2026, 11, 6), 6000,
)  # fmt: skip


def replaced(**changes: object) -> SellerStatement:
    return msgspec.structs.replace(STATEMENT, **changes)


def pages(made: bytes) -> int:
    """How many pages a PDF says it has."""
    counts = [int(found) for found in re.findall(rb"/Type\s*/Pages.*?/Count\s+(\d+)", made, re.DOTALL)]
    return max(counts)


def test_the_page_is_words_and_figures() -> None:
    page = page_of(STATEMENT)
    assert page["title"] == "Statement of Ölmühle & Söhne, 2026-10-01 to 2026-10-31, EUR"
    assert page["closing"] == {"label": "Owed at the end of 2026-10-31", "figure": "60.00"}
    assert page["balances"]["rows"] == [
        ["Pending", "0.00", "51.00", "−51.00", "0.00"],
        ["Available", "10.00", "51.00", "−1.00", "60.00"],
    ]
    assert page["balances"]["sum"] == ["In all", "10.00", "102.00", "−52.00", "60.00"]
    assert page["movements"]["head"] == ["Day", "What", "Pending", "Available", "Owed"]
    assert page["movements"]["groups"] == [
        {"name": "Order 1001", "rows": [
            ["2026-10-01", "Sold", "sales 56.00 · commission −5.00", "51.00", "", "51.00"],
            ["2026-10-01", "Released", "", "−51.00", "51.00", ""],
        ]},
        {"name": "Other", "rows": [["2026-10-01", "Correction", "", "", "−1.00", "−1.00"]]},
    ]  # fmt: skip
    assert page["movements"]["sum"] == ["In all", "0.00", "50.00", "50.00"]


def test_it_says_when_and_what_is_paid_next_and_why_not_all() -> None:
    assert sentences_of(STATEMENT) == [
        "Next payout: 60.00 EUR on 2026-11-06, if nothing moves until then.",
        "5.10 EUR, until 2027-01-02: Kept back.",
        "Everything: The shop is paused. Ask us.",
    ]
    none = replaced(expected_minor=0, expected_why="The seller is paused.", withheld=())
    assert sentences_of(none) == ["Next payout: none yet. The seller is paused."]
    assert sentences_of(replaced(expected_on=None, withheld=())) == []


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert page_of(replaced(currency="JPY"))["closing"]["figure"] == "6,000"
    assert page_of(replaced(currency="KWD"))["closing"]["figure"] == "6.000"


def test_a_long_statement_goes_over_pages() -> None:
    rows = tuple(
        msgspec.structs.replace(ROWS[0], reference=f"order:{number}", day=DAY + timedelta(days=number % 30))
        for number in range(120)
    )
    assert (pages(pdf(STATEMENT)), pages(pdf(replaced(rows=rows)))) == (1, 5)


def test_names_in_any_script_are_one_file_each() -> None:
    names = ("Ελληνικά", "Українська", "עברית", "日本語 陶器", "العربية", "a < b & “c” #d $e$ *f* _g_ @h \\i")
    made = [pdf(replaced(name=name)) for name in names]
    assert len(set(made)) == len(names)
    assert all(one.startswith(b"%PDF-1.7") for one in made)


def test_many_are_printed_in_their_order_and_not_before_they_are_asked_for() -> None:
    asked = []

    def statements():
        for number in range(60):
            asked.append(number)
            yield replaced(name=f"Seller {number:02}", rows=())

    found = printed(statements(), workers=2)
    first = next(found)
    assert len(asked) < 30
    rest = [first, *found]
    assert rest[7] == pdf(replaced(name="Seller 07", rows=()))
    assert len(rest) == 60
