"""The journal as Beancount text, judged by `bean-check` in a process of its own."""

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.reports import journals
from tieout.model.account import Account, AccountType, Role
from tieout.model.balance import Balance
from tieout.model.entry import Entry, EntryDraft, Line
from tieout.model.money import ISO_EXPONENTS
from tieout.reports.beancount import account_names, balance_text, export, write
from tieout.reports.journal import JournalEntry

GOLDEN = Path(__file__).with_name("golden.beancount")
WHOLE = Path(__file__).with_name("golden_whole.beancount")
BEAN_CHECK = shutil.which("bean-check", path=Path(sys.executable).parent) or shutil.which("bean-check")
DAY = date(2026, 3, 2)


def bean_check(text: str) -> str:
    """What bean-check has to say; nothing, if all is well."""
    assert BEAN_CHECK is not None, "bean-check belongs to the development environment: pip install beancount"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "journal.beancount"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([BEAN_CHECK, "--no-cache", file], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert (done.returncode == 0) is (said == "")
    return said


def account(
    number: int, code: str, name: str, kind: AccountType = AccountType.ASSET, currency: str | None = None
) -> Account:
    return Account(number, code, name, kind, Role.BANK, currencies=(currency,) if currency else ())


BANK = account(1, "1100.bank", "Bank bank", currency="EUR")
TRANSIT = account(2, "1330.stripe", "Payouts in transit: stripe")
FX = account(3, "1390", "Conversion")
GATEWAY = account(4, "1320.stripe", "Gateway balance: stripe")
FEES = account(5, "6100", "Gateway fees", AccountType.EXPENSE)
SALES = account(6, "4000", "Sales", AccountType.INCOME)
TAX = account(7, "2200", "Tax payable", AccountType.LIABILITY)
CAPITAL = account(8, "3000", "Capital", AccountType.EQUITY)
CHART = [BANK, TRANSIT, FX, GATEWAY, FEES, SALES, TAX, CAPITAL]


def entry(number: int, *lines: Line, day: date = DAY, **draft: object) -> Entry:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    plain: dict[str, object] = {
        "key": f"bank:line:{number}", "effective_date": day, "occurred_at": at, "lines": lines, "memo": "Memo",
        "rule_id": "bank.credit", "rule_version": 1, "why": "Because.",
    }  # fmt: skip
    return Entry(number, EntryDraft(**{**plain, **draft}), at, b"")  # type: ignore[arg-type] # fields by name


def line(code: str, amount: int, currency: str = "EUR", base: int | None = None, **more: object) -> Line:
    return Line(code, currency, amount, amount if base is None else base, **more)  # type: ignore[arg-type] # as above


def sample() -> list[Entry]:
    """A sale with tax, a fee, a payout converted from dollars to euros, and a correction."""
    seller: Mapping[str, object] = {
        "party": "acme",
        "item": "order:1001",
        "dimensions": {"Channel": "web", "färbe": "rot"},
    }
    return [
        entry(12, line("1330.stripe", -9_000, item="payout:po_1"), line("1100.bank", 9_000), day=date(2026, 3, 4)),
        entry(
            10, line("1320.stripe", 11_900, "USD", 10_818, **seller), line("4000", -10_000, "USD", -9_091),
            line("2200", -1_900, "USD", -1_727), event_id=7, memo='Sale “1001” \\ "web"',
            rate="0.9090909091 ecb 2026-03-02",
        ),
        entry(
            11, line("1320.stripe", -10_000, "USD", -9_000), line("1390", 10_000, "USD", 9_000),
            line("1390", -9_100), line("1330.stripe", 9_000, item="payout:po_1"), line("6100", 100),
            day=date(2026, 3, 3), event_id=8, memo="Payout\nconverted", rule_id="stripe.payout", rule_version=3,
        ),
        entry(13, line("1100.bank", -500), line("6100", 500), day=date(2026, 3, 4), late=True, reverses_id=11),
    ]  # fmt: skip


BALANCES = [
    Balance("1100.bank", "EUR", 8_500, 8_500, date(2026, 3, 4)),
    Balance("1100.bank", "EUR", 0, 0, date(2026, 3, 3)),
    Balance("1320.stripe", "USD", 1_900, 1_818, date(2026, 3, 4)),
    Balance("3000", "EUR", 0, 0, date(2026, 3, 4)),
]


# ---- by hand


def test_the_text_is_the_golden_one_and_bean_check_accepts_it() -> None:
    text = export("Lindenhof & Söhne “K”", "EUR", CHART, sample(), BALANCES)
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert bean_check(text) == ""


def test_order_of_arrival_makes_no_difference() -> None:
    text = export("T", "EUR", CHART, sample(), BALANCES)
    assert export("T", "EUR", reversed(CHART), reversed(sample()), reversed(BALANCES)) == text


def test_an_empty_journal_is_a_valid_file() -> None:
    text = export("Nothing yet", "JPY", CHART, [])
    assert text == 'option "title" "Nothing yet"\noption "operating_currency" "JPY"\n'
    assert bean_check(text) == ""


def test_one_minor_unit_off_is_an_error_of_the_entry() -> None:
    said = bean_check(export("T", "EUR", CHART, [entry(1, line("1100.bank", 10_001), line("4000", -10_000))]))
    assert "does not balance" in said
    assert "0.01 EUR" in said


@pytest.mark.parametrize("off", [-1, 1])
def test_one_minor_unit_off_is_an_error_of_the_balance(off: int) -> None:
    entries = [entry(1, line("1100.bank", 10_000), line("4000", -10_000))]
    right = Balance("1100.bank", "EUR", 10_000, 10_000, DAY)
    wrong = Balance("1100.bank", "EUR", 10_000 + off, 10_000, DAY)
    assert bean_check(export("T", "EUR", CHART, entries, [right])) == ""
    assert "Balance failed for 'Assets:1100-bank-Bank-bank'" in bean_check(export("T", "EUR", CHART, entries, [wrong]))


def test_an_account_of_one_currency_takes_no_other() -> None:
    said = bean_check(export("T", "EUR", CHART, [entry(1, line("1100.bank", 1, "USD"), line("4000", -1, "USD"))]))
    assert "Invalid currency USD for account 'Assets:1100-bank-Bank-bank'" in said


def test_a_balance_holds_at_the_end_of_its_day() -> None:
    names = account_names(CHART)
    assert balance_text(names, [Balance("4000", "KWD", -1_500, 0, date(2026, 2, 28))]) == (
        "2026-03-01 balance Income:4000-Sales" + " " * 36 + "-1.500 ~ 0 KWD\n"
    )


def test_a_balance_without_a_day_is_our_mistake() -> None:
    with pytest.raises(AssertionError, match="4000 has none"):
        balance_text(account_names(CHART), [Balance("4000", "EUR", 0, 0)])


def test_only_used_accounts_are_opened_on_their_first_day() -> None:
    late = entry(1, line("1100.bank", 1), line("4000", -1), day=date(2026, 5, 1))
    early = entry(2, line("1100.bank", 1), line("3000", -1), day=date(2026, 4, 1))
    text = export("T", "EUR", CHART, [late, early])
    assert [row for row in text.splitlines() if " open " in row] == [
        "2026-04-01 open Assets:1100-bank-Bank-bank EUR",
        "2026-04-01 open Equity:3000-Capital",
        "2026-05-01 open Income:4000-Sales",
    ]


@pytest.mark.parametrize(
    ("codes", "names"),
    [
        (["1000"], ["Assets:1000-Bank"]),
        (["a b"], ["Assets:A-b-Bank"]),
        (["_é_"], ["Assets:E-Bank"]),
        (["1.0", "1-0", "1 0"], ["Assets:1-0-Bank-1", "Assets:1-0-Bank-2", "Assets:1-0-Bank-3"]),
    ],
)
def test_names_of_accounts(codes: list[str], names: list[str]) -> None:
    accounts = [account(number, code, "Bank") for number, code in enumerate(codes, start=1)]
    assert [account_names(accounts)[code] for code in codes] == names


def test_a_numbered_name_does_not_take_another_accounts_name() -> None:
    accounts = [account(1, "1.0", ""), account(2, "1-0", ""), account(3, "1-0-1", ""), account(4, "中", "")]
    names = account_names(accounts)
    assert names == {
        "1.0": "Assets:1-0-1-1",
        "1-0": "Assets:1-0-2",
        "1-0-1": "Assets:1-0-1",
        "中": "Assets:Account",
    }


def test_names_of_dimensions_beancount_would_not_take_are_kept_as_json() -> None:
    dimensions = {"Sales Channel": "a", "sales-channel": "b", "日本": "c", "1": 'd"'}
    text = export("T", "EUR", CHART, [entry(1, line("1100.bank", 1, dimensions=dimensions), line("4000", -1))])
    kept = [row.strip() for row in text.splitlines() if row.startswith("    di")]
    assert kept == [
        'dim-1: "d\\""',
        'dim-sales-channel: "b"',
        r'dimensions: "{\"Sales Channel\": \"a\", \"日本\": \"c\"}"',
    ]
    assert bean_check(text) == ""


def test_the_whole_text_is_the_golden_one_and_bean_check_accepts_it() -> None:
    text = "".join(write(journals.extract(journals.sample()), journals.sample()))
    assert text == WHOLE.read_text(encoding="utf-8")
    assert bean_check(text) == ""
    assert bean_check(text.replace("90.00 ~ 0", "90.01 ~ 0")) != ""


def exchanged() -> list[JournalEntry]:
    """A sale in dollars; what it is worth less at the end of the month; and dollars given away at an odd worth."""
    line = journals.line
    return [
        journals.entry(1, line("1320.stripe", 10_000, "USD", 9_200), line("4000", -10_000, "USD", -9_200)),
        journals.entry(
            2, line("1320.stripe", 0, "USD", -1_200, item="order:1"), line("6100", 0, "USD", 1_200),
            day=date(2026, 3, 31),
        ),
        journals.entry(
            3, line("1320.stripe", 300, "USD", -5), line("4000", -300, "USD", 5), day=date(2026, 3, 31)
        ),
    ]  # fmt: skip


def test_exchange_differences_are_postings_that_weigh_what_they_are_worth() -> None:
    text = "".join(write(journals.extract(exchanged()), exchanged()))
    rows = [" ".join(row.split()) for row in text.splitlines()]
    first = rows.index('2026-03-31 * "Memo" ^ent_2')
    assert rows[first + 6 : first + 9] == [
        "Assets:1320-stripe-Gateway-Exchange-USD -12.00 EUR", 'item: "order:1"',
        "Expenses:6100-Fees-Exchange-USD 12.00 EUR",
    ]  # fmt: skip
    assert "Assets:1320-stripe-Gateway 100.00 USD @@ 92.00 EUR" in rows
    opened = rows.index("2026-03-31 open Assets:1320-stripe-Gateway-Exchange-USD")
    assert rows[opened + 1 : opened + 3] == ['exchange-of: "1320.stripe"', 'exchange-currency: "USD"']
    assert bean_check(text) == ""
    assert bean_check(text.replace("-12.00 EUR", "-12.01 EUR")) != ""
    assert bean_check(text.replace("@@ 92.00 EUR", "@@ 92.01 EUR", 1)) != ""


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(journal=journals.journals())
def test_bean_check_weighs_every_journal_that_is_handed_over(journal: list[JournalEntry]) -> None:
    """Whatever an amount is worth, nothing and less than nothing included."""
    assert bean_check("".join(write(journals.extract(journal), journal))) == ""


def test_a_portable_text_has_no_numbers_of_this_database() -> None:
    moved = [replace(found, entry=replace(found.entry, id=found.entry.id + 90)) for found in journals.sample()]
    extract = journals.extract(moved)
    assert "ent_100" in "".join(write(extract, moved))
    text = "".join(write(extract, moved, portable=True))
    assert text == "".join(write(extract, journals.sample(), portable=True))
    assert "ent_" not in text
    assert "evt_" not in text


# ---- made by Hypothesis

CURRENCIES = sorted(ISO_EXPONENTS)
ODD = st.text(max_size=40) | st.sampled_from(
    ['"', "\\", '\\"', "\n" * 70, "a\x00b", "\ud800", "\u2028;", "; x", "#t ^l", "*"]
)
KINDS = st.sampled_from(list(AccountType))


@st.composite
def charts(draw: st.DrawFn) -> list[Account]:
    codes = draw(st.lists(ODD, min_size=2, max_size=8, unique=True))
    return [account(number, code, draw(ODD), draw(KINDS)) for number, code in enumerate(codes, start=1)]


@st.composite
def books(draw: st.DrawFn) -> tuple[list[Account], list[Entry]]:
    """Accounts with odd names, and entries that balance in each of their currencies."""
    chart = draw(charts())
    codes = st.sampled_from([a.code for a in chart])
    amounts = st.integers(-(10**12), 10**12).filter(bool)
    found = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        lines: list[Line] = []
        for currency in draw(st.lists(st.sampled_from(CURRENCIES), min_size=1, max_size=3, unique=True)):
            some = draw(st.lists(amounts, min_size=1, max_size=3))
            rest = [-sum(some)] if sum(some) else []
            lines += [
                line(draw(codes), amount, currency, draw(amounts), party=draw(st.none() | ODD),
                     item=draw(st.none() | ODD), dimensions=draw(st.dictionaries(ODD, ODD, max_size=3)))
                for amount in [*some, *rest]
            ]  # fmt: skip
        more = {
            "memo": draw(ODD), "key": draw(ODD), "rule_id": draw(ODD), "late": draw(st.booleans()),
            "rate": draw(st.none() | ODD), "event_id": draw(st.none() | st.integers(1, 99)),
            "reverses_id": draw(st.none() | st.integers(1, 99)),
        }  # fmt: skip
        days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
        found.append(entry(number, *lines, day=draw(days), **more))
    return chart, found


def fold(entries: Sequence[Entry]) -> list[Balance]:
    """The balance of every account and currency on every day something happened, and on the day before."""
    days = {e.draft.effective_date + timedelta(days=off) for e in entries for off in (-1, 0)}
    totals: dict[tuple[date, str, str], int] = {}
    for day in days:
        for found in entries:
            for part in found.draft.lines:
                key = (day, part.account, part.currency)
                counts = found.draft.effective_date <= day
                totals[key] = totals.get(key, 0) + (part.amount_minor if counts else 0)
    return [Balance(code, currency, total, 0, day) for (day, code, currency), total in totals.items()]


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(books(), ODD)
def test_bean_check_accepts_every_balanced_journal_and_its_balances(
    journal: tuple[list[Account], list[Entry]], title: str
) -> None:
    """Whatever accounts, texts and dimensions are called, and on every day. bean-check adds up by itself."""
    chart, entries = journal
    text = export(title, "EUR", chart, entries, fold(entries))
    assert text.encode().decode() == text
    assert bean_check(text) == ""
    assert text.count("\n  key: ") == len(entries)


@given(charts())
def test_names_are_unique_valid_and_the_same_in_any_order(chart: list[Account]) -> None:
    names = account_names(chart)
    assert len(set(names.values())) == len(names) == len(chart)
    assert account_names(list(reversed(chart))) == names
    for name in names.values():
        root, _, part = name.partition(":")
        assert root in ("Assets", "Liabilities", "Equity", "Income", "Expenses")
        assert part[0].isupper() or part[0].isdigit()
        assert part.replace("-", "").isalnum()
        assert part.isascii()
