"""Examples and samples by command."""

import json

from tests.cli.conftest import CHAIN, CommandLine
from tieout.sandbox.catalogue import examples


def test_the_list_of_examples(run: CommandLine) -> None:
    lines = run("sample", "-o", "csv").stdout.splitlines()
    assert lines[0] == "connector,example,what_it_tells"
    assert lines[1:] == [f"{e.connector},{e.name},{e.sentence}" for e in examples()]
    assert run("sample", "stripe", "-o", "csv").stdout.count("\nstripe,") == len(examples("stripe"))
    assert json.loads(run("sample", "stripe", "-o", "json").stdout, parse_float=str)[0] == [
        "stripe", "charge_succeeded", "A card was charged.",
    ]  # fmt: skip


def test_a_sample_is_the_providers_own_bytes(run: CommandLine) -> None:
    """It needs no books, and the same number makes the same file."""
    first = run("sample", "camt", "--date", "2026-10-05", "--seed", "7")
    assert first.stdout.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert '<Amt Ccy="EUR">100.00</Amt>' in first.stdout
    assert first.stdout_bytes == run("sample", "camt", "--date", "2026-10-05", "--seed", "7").stdout_bytes
    assert not run.home.exists()
    other = run("sample", "shopify", "order_paid", "--amount", "12.5", "--currency", "USD")
    order = json.loads(other.stdout, parse_float=str)
    assert (order["total_price"], order["currency"]) == ("12.50", "USD")
    assert other.stderr == "This is the last of the 3 messages `tieout trigger` would send.\n"


def test_what_cannot_be_made(run: CommandLine) -> None:
    assert run.error("sample", "abacus") == (
        "[not_found] There are no examples of “abacus” (connector). List them with `tieout sample`."
    )
    assert run.error("sample", "camt", "nothing").startswith(
        "[not_found] There is no example “nothing” of camt (example). Known are: payout_arrived, "
    )
    assert run.error("sample", "camt", "--amount", "ten").startswith("[usage] Invalid value for '--amount': “ten” is")
    assert run.error("sample", "camt", "--amount", "1.234").startswith("[amount] 1.234 EUR has more decimals")
    assert run.error("sample", "camt", "--amount", "0").startswith("[bad_input] ")
    assert run.error("sample", "camt", "--currency", "JPY").startswith("[bad_input] ")


def test_an_example_goes_through_the_real_door(books: CommandLine) -> None:
    result = books("trigger", "stripe", "charge_succeeded", "--amount", "19.90", "--date", "2026-10-05", "--seed", "7")
    (line,) = result.stdout.splitlines()
    delivery, *rest = line.split()
    assert rest == ["stripe", "charge.succeeded", "order:6201770660439", "charge:ch_3TE8NuUtHZd4kk1eHuuLVa71"]
    assert "accepted" in books("explain", delivery).stdout
    assert "19.90" in books("balances", "-o", "csv").stdout


def test_a_wrong_secret_is_refused_as_the_real_door_does(books: CommandLine) -> None:
    books("source", "add", "stripe-us", "--connector", "stripe")
    line = books("trigger", "stripe-us", "charge_succeeded", code=2).stderr.splitlines()[-1]
    assert line == (
        "[signature_refused] The signature does not verify: no secret is configured for this source"
        " (/hooks/stripe-us). Compare the signing secret at the provider with the one given to `tieout source add`."
    )
    assert "rejected" in books("inbox", "-o", "csv").stdout


def test_the_same_number_is_the_same_story(books: CommandLine) -> None:
    """Told twice, a message is a repeat, and the chain ties out once."""
    for _ in range(2):
        for source, example, amount in CHAIN:
            books("trigger", source, example, "--amount", amount, "--date", "2026-10-05", "--seed", "7")
    assert books("inbox", "--verdict", "repeated", "-o", "csv").stdout.count(",repeated,") == 8
    assert books("reconcile", "--as-of", "2026-10-07", "-o", "json").stderr.splitlines()[1].startswith("Tied out")
    assert books("cases", "-o", "json").stdout == "[]\n"


def test_an_unknown_source_is_named(books: CommandLine) -> None:
    assert books.error("trigger", "till", "sale") == (
        "[not_found] There is no source “till” (source)."
        " Sources are: shop, stripe, bank. Add one with `tieout source add`."
    )


def test_a_server_that_is_not_there(books: CommandLine) -> None:
    result = books("trigger", "stripe", "charge_succeeded", "--url", "http://127.0.0.1:9", code=2)
    assert result.stderr.startswith("[bad_input] The server did not take it: 0 no answer: ConnectError: ")
