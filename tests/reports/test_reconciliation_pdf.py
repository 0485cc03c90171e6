"""The page of a signed reconciliation: the figures as people write them, both names, and the hash."""

from datetime import UTC, date, datetime

from tieout.reconciliation.signed import Kept
from tieout.reports.reconciliation_pdf import page_of, reconciliation_pdf

KEPT = Kept(
    3, "1100.bank", "EUR", date(2026, 3, 1), date(2026, 3, 31), "{}", "ab" * 32, "anna",
    datetime(2026, 4, 1, 9, tzinfo=UTC), "eva", datetime(2026, 4, 2, 9, tzinfo=UTC), "Compared.", "",
)  # fmt: skip
CONTENT = {
    "entity": "Lindenhof GmbH", "account": "1100.bank", "name": "Bank", "currency": "EUR",
    "first_day": "2026-03-01", "last_day": "2026-03-31", "moved_minor": 4798, "told_minor": 4798,
    "bank": {"books_minor": 4798, "opening_minor": 0, "statement_minor": 4798, "statement_date": "2026-03-05",
             "difference_minor": 0},
    "statements": [{"name": "1", "first_day": "2026-03-05", "last_day": "2026-03-05", "opening_minor": 0,
                    "closing_minor": 4798, "follows": True}],
    "clearing": [{"line": {"account": "1330", "name": "On its way", "balance_minor": 100000, "transit_minor": 100000,
                           "disputed_minor": 0, "reserved_minor": 0, "exceptions_minor": 0, "unexplained_minor": 0},
                  "refunds_minor": 0}],
}  # fmt: skip


def test_the_page_says_what_was_signed_and_by_whom() -> None:
    page = page_of(CONTENT, KEPT)
    assert page["bank"] == [["Balance in the books", "47.98"], ["Balance by the bank, 2026-03-05", "47.98"]]
    assert page["clearing"] == [["1330 On its way", "1,000.00", "1,000.00", "–", "–", "–", "–", "–"]]
    assert page["signatures"] == [
        ["Prepared by", "anna", "2026-04-01 09:00 UTC", ""],
        ["Reviewed by", "eva", "2026-04-02 09:00 UTC", "Compared."],
    ]
    assert page["foot"] == f"rec_3  SHA-256 {'ab' * 32}"
    assert reconciliation_pdf(CONTENT, KEPT) == reconciliation_pdf(CONTENT, KEPT)
