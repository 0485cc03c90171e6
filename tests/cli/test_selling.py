"""Sellers by command."""

import json
from pathlib import Path

from tests.cli.conftest import CommandLine
from tests.cli.test_owning import written

ANNA = {"party": "anna", "legal_name": "Anna Ahrens", "currency": "EUR"}
ACCOUNT = {"holder": "Anna Ahrens", "iban": "DE89 3704 0044 0532 0130 00"}
ORDER = {"currency": "EUR", "lines": [{"line": 1, "unit_price_minor": 1000, "owners": {"anna": 10000}}]}
PAID = {"key": "paid", "kind": "captured", "occurred_at": "2026-03-03T10:00:00Z", "order": ORDER, "source": "stripe"}
ACT = {
    "key": "gift 1", "step": "credited", "amount_minor": 250, "currency": "EUR", "day": "2026-03-04",
    "reason": "correction", "note": "We counted wrong.", "party": "anna",
}  # fmt: skip


def test_a_seller_from_the_profile_to_the_balance(books: CommandLine, tmp_path: Path) -> None:
    assert books("sellers", "add", written(tmp_path, ANNA)).stderr == "Seller anna is added.\n"
    listed = books("sellers", "list", "-o", "csv").stdout.splitlines()
    assert listed == ["party,legal_name,currency,tax_status,paused,version", "anna,Anna Ahrens,EUR,not_required,,1"]
    done = books("sellers", "account", "anna", written(tmp_path, ACCOUNT), "--reason", "Hers.")
    assert done.stderr == "Account 1 of anna is good at once.\n"
    again = books("sellers", "account", "anna", written(tmp_path, ACCOUNT), "--reason", "Moved.")
    assert again.stderr.startswith("Account 2 of anna waits until ")
    books("--actor", "eva", "sellers", "decide-account", "anna", "2", "--approve", "--reason", "She called.")
    paused = written(tmp_path, ANNA | {"paused": "On holiday."})
    assert books("sellers", "change", paused, "--reason", "Asked.").stderr.startswith("Version 2 of anna holds from ")
    hold = books("sellers", "hold", "anna", "--why", "risk", "--ends-when", "Somebody looked.", "--amount", "5.00")
    assert hold.stderr == "Hold 1 is on anna.\n"
    assert books("sellers", "unhold", "1", "--reason", "Looked.").stderr == "Hold 1 has ended.\n"
    shown = json.loads(books("sellers", "show", "anna").stdout)
    assert [row["seller"].get("paused") for row in shown["versions"]] == [None, "On holiday."]
    assert [row["approved"] for row in shown["accounts"]] == [None, True]
    told = books("sellers", "tell", "7", written(tmp_path, {"facts": [PAID]}))
    assert told.stderr == "1 facts are told; 1 entries came of it.\n"
    assert books("sellers", "release").stderr == "1 parts of sales are released and 0 reserves have ended.\n"
    assert books("sellers", "act", written(tmp_path, ACT)).stderr == "Act 1 waits for a second person.\n"
    assert books("sellers", "acts", "--waiting", "-o", "csv").stdout.splitlines()[1].endswith(",waits")
    done = books("--actor", "eva", "sellers", "decide", "1", "--approve", "--reason", "Right.")
    assert done.stderr == "Act 1 is approved and booked.\n"
    rows = books("sellers", "balance", "anna", "-o", "csv").stdout.splitlines()
    assert rows == ["bucket,currency,amount", "available,EUR,12.50"]
    assert books("sellers", "balance", "anna", "--at", "2026-03-02", "-o", "json").stdout == "[]\n"


def test_a_policy_is_published_and_shown(books: CommandLine, tmp_path: Path) -> None:
    assert books("sellers", "policy").stdout == "null\n"
    policy = {"release": {"by": "delivery", "days": 14}}
    done = books("sellers", "policy", written(tmp_path, policy), "--reason", "Two weeks.")
    assert done.stderr == "Version 1 of the policy is published.\n"
    assert json.loads(books("sellers", "policy").stdout)["policy"] == policy


def test_what_is_wrong_is_refused_in_one_line(books: CommandLine, tmp_path: Path) -> None:
    assert books.error("sellers", "add", written(tmp_path, {"party": "x"})).startswith("[bad_input] Object missing")
    assert books.error("sellers", "show", "x").startswith("[not_found] There is no seller “x”")
    file = tmp_path / "sellers.csv"
    file.write_text("party,legal_name,currency\nanna,Anna,EUR\nbo,Bo,EUR\n", "utf-8")
    assert books("sellers", "import", file).stderr == "2 sellers are added.\n"
    assert books.error("sellers", "import", file).startswith("[bad_input] There is a seller “anna” already (line 2)")
