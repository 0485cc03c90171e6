"""Tax packs: figures by their own names, and who is reported by the thresholds of the year."""

from tieout.model.money import Money
from tieout.model.seller import Seller
from tieout.reports.sold import MadeOf, Paid
from tieout.reports.tax_pack import dac7_pack, form_1099k, quarters_of, threshold
from tieout.settlement.taxpack import Quarter

ANNA = {"A": Seller("A", "Anna Inc.", "USD", tax_number="12-3456789")}


def months(gross: int, payments: int) -> list[Paid]:
    return [
        Paid(
            "A",
            "USD",
            1,
            gross - 100,
            payments - 1,
            90,
        ),
        Paid("A", "USD", 3, 100, 1, 80),
    ]


def test_the_thresholds_are_those_of_the_year() -> None:
    assert threshold("form_1099k", 2010) is None
    assert threshold("dac7", 2022) is None
    found = threshold("dac7", 2026)
    assert found is not None
    assert (found["sales"], found["over_consideration_eur"]) == (30, "2000")
    assert form_1099k([], {}, {}, 2010).notes == ("There was no Form 1099-K for 2010.",)
    assert dac7_pack({}, {}, {}, 2022, lambda _a, _c: None).notes == ("There was no DAC7 report for 2022.",)


def test_both_parts_of_the_threshold_must_be_passed() -> None:
    verdicts = {}
    for gross, payments in ((2_000_001, 201), (2_000_000, 201), (2_000_001, 200), (100, 2)):
        (row,) = form_1099k(months(gross, payments), ANNA, {"USD": 170}, 2026).rows
        verdicts[gross, payments] = row[5:7]
    assert verdicts == {
        (2_000_001, 201): ("yes", ""),
        (2_000_000, 201): ("no", "gross at or below the threshold"),
        (2_000_001, 200): ("no", "payments at or below the threshold"),
        (100, 2): ("no", "at or below both"),
    }


def test_the_form_has_gross_amounts_by_month() -> None:
    found = form_1099k([*months(500, 3), Paid("B", "EUR", 1, 7, 1, 7)], ANNA, {"USD": 170}, 2026)
    (row,) = found.rows
    assert row[:5] == ("A", "Anna Inc.", "12-3456789", Money(500, "USD"), 3)
    assert row[8:11] == (Money(400, "USD"), Money(0, "USD"), Money(100, "USD"))
    assert [tie.off_minor for tie in found.ties] == [0]


def test_consideration_is_net_of_fees_and_taxes() -> None:
    parts = [
        MadeOf("captured", "SEK", "A/1", "sales", 137_500),
        MadeOf("captured", "SEK", "A/1", "commission", -12_500),
        MadeOf("captured", "SEK", "A/1", "tax", 300),
    ]
    quarters = quarters_of(parts, {("A", "SEK", 1): 10})
    assert quarters == {("A", "SEK"): {"Q1": Quarter(137_800, 12_500, 300, 10)}}
    found = dac7_pack(quarters, {}, {"SEK": 125_300}, 2026, lambda amount, _c: amount // 10)
    assert found.rows[0][5:11] == (
        "no",
        "below both",
        Money(125_000, "SEK"),
        Money(12_500, "SEK"),
        Money(300, "SEK"),
        10,
    )
    assert [tie.off_minor for tie in found.ties] == [0]


def test_who_is_reported_under_dac7() -> None:
    def verdict(sales: int, euro: int | None) -> tuple[object, ...]:
        quarters = {("A", "SEK"): {"Q2": Quarter(100, 0, 0, sales)}}
        return dac7_pack(quarters, {}, {}, 2026, lambda _a, _c: euro).rows[0][5:7]

    assert verdict(30, None) == ("yes", "30 sales")
    assert verdict(29, 200_001) == ("yes", "over the consideration")
    assert verdict(29, 200_000) == ("no", "below both")
    assert verdict(29, None) == ("open", "no exchange rate to euro is known")
