"""The chart by command: listed, added to, closed, guarded."""

import csv
import io

from tests.cli.conftest import CommandLine


def listed(run: CommandLine) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(run("account", "list", "-o", "csv").stdout))
    return {row["account"]: row for row in rows}


def test_the_chart_is_listed(books: CommandLine) -> None:
    assert listed(books)["2200"] == {
        "account": "2200", "name": "Gift cards outstanding", "type": "liability",
        "class": "Liabilities / Gift cards and credit", "role": "gift_card_liability", "area": "sales",
        "closed_from": "", "currencies": "", "overdrawn_by": "",
    }  # fmt: skip


def test_an_account_is_added_and_closed(books: CommandLine) -> None:
    add = ("account", "add", "1110", "Petty cash", "--type", "asset", "--area", "bank", "--currency", "EUR")
    assert books(*add, "--needs", "shop", "--takes", "clerk", "--from", "2026-01-01").stderr == (
        "1110 Petty cash is open.\n"
    )
    row = listed(books)["1110"]
    assert (row["class"], row["role"], row["area"]) == ("Assets / Bank accounts", "other", "bank")
    assert row["currencies"] == "EUR"
    assert books.error(*add) == "[config] 1110 is there already (code). Choose another code."
    assert books("account", "close", "1110", "--from", "2026-11-01").stderr == "1110 is closed from 2026-11-01.\n"
    assert listed(books)["1110"]["closed_from"] == "2026-11-01"
    assert books("account", "reopen", "1110").stderr == "1110 is open.\n"
    assert listed(books)["1110"]["closed_from"] == ""
    assert books.error("account", "close", "9", "--from", "2026-11-01") == (
        "[not_found] There is no account “9” (account). List them with `tieout account list`."
    )


def test_an_account_is_guarded_by_one_setting(books: CommandLine) -> None:
    assert books("account", "guard", "2200", "--limit", "0.00", "EUR").stderr == "2200 is guarded.\n"
    assert listed(books)["2200"]["overdrawn_by"] == "0.00 EUR"
    seller = ("account", "guard", "2300", "--per-party", "--limit", "5.00", "EUR", "--party", "Birke", "50.00", "EUR")
    assert books(*seller).stderr == "2300 is guarded.\n"
    assert listed(books)["2300"]["overdrawn_by"] == "each party 5.00 EUR, Birke 50.00 EUR"
    assert books("account", "guard", "2300", "--off").stderr == "2300 is not guarded any more.\n"
    assert listed(books)["2300"]["overdrawn_by"] == ""
    assert books.error("account", "guard", "2300", "--off", "--limit", "1", "EUR").startswith("[bad_input] --off goes")
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05")
    assert books("account", "guard", "3000").stderr == "3000 is guarded.\n"


def test_what_is_over_already_is_said(books: CommandLine) -> None:
    books("trigger", "stripe", "charge_succeeded", "--amount", "10.00", "--date", "2026-10-05")
    said = books("account", "guard", "1200").stderr.splitlines()
    assert said == ["1200 is guarded.", "It stands at −10.00 EUR already: it may come back, not go further."]
