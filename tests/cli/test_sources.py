"""Sources by command."""

import csv
import io
import json

from tests.cli.conftest import CommandLine
from tieout.app import Settings, Tieout


def secret_of(run: CommandLine, source: str) -> str | None:
    with Tieout.open(Settings(run.home, run.environment["TIEOUT_DATABASE_URL"])) as app:
        return app.signing_secret(source)


def test_a_source_is_named_after_its_connector(run: CommandLine) -> None:
    run("init")
    assert run("source", "add", "stripe", "--secret", "whsec_1").stderr == (
        "stripe is a source now, understood by stripe (Stripe).\n"
        "Point its webhooks at /hooks/stripe of your server.\n"
        "Import its files with `tieout import stripe FILE`.\n"
    )
    assert secret_of(run, "stripe") == "whsec_1"


def test_a_secret_can_come_from_standard_input_or_the_environment(run: CommandLine) -> None:
    run("init")
    run("source", "add", "stripe", "--secret", "-", typed="from a pipe\n")
    run.environment["TIEOUT_SECRET"] = "from the environment"
    run("source", "add", "stripe-us", "--connector", "stripe")
    assert (secret_of(run, "stripe"), secret_of(run, "stripe-us")) == ("from a pipe", "from the environment")


def test_without_a_secret_it_says_what_is_missing(run: CommandLine) -> None:
    run("init")
    assert (
        "It has no secret yet, so every webhook is refused. Run `tieout source secret stripe`.\n"
        in run("source", "add", "stripe").stderr
    )
    assert secret_of(run, "stripe") is None


def test_a_rotated_secret_is_the_newest(books: CommandLine) -> None:
    assert books("source", "secret", "stripe", "--secret", "second").stderr == "stripe has a new secret.\n"
    assert secret_of(books, "stripe") == "second"


def test_what_cannot_be_added(books: CommandLine) -> None:
    assert books.error("source", "add", "house-bank") == (
        "[config] There is no connector “house-bank” (connector). Name one with --connector: camt, shopify, stripe."
    )
    assert books.error("source", "add", "stripe") == (
        "[config] There is a source “stripe” already (name). Choose another name."
    )
    assert books.error("source", "add", "Bank 2", "--connector", "camt") == (
        "[config] “Bank 2” is not a name for a source (name). Use small letters, digits and hyphens."
    )
    assert books.error("source", "add", "bank2", "--connector", "camt", "--secret", "x") == (
        "[config] Bank statements (CAMT) sends no webhooks, so it has no secret (secret). Leave --secret out."
    )
    assert books.error("source", "secret", "nobody", "--secret", "x") == (
        "[not_found] There is no source “nobody” (source)."
        " Sources are: shop, stripe, bank. Add one with `tieout source add`."
    )


def test_own_brands_are_kept(run: CommandLine) -> None:
    """Goods of an own brand are revenue; other sellers' are owed to them."""
    run("init")
    run("source", "add", "shop", "--connector", "shopify", "--secret", "s", "--own-brand", "Tonwerk Ilmenau")
    run("trigger", "shop", "order_created", "--amount", "119.00", "--date", "2026-10-05")
    rows = csv.DictReader(io.StringIO(run("balances", "-o", "csv").stdout))
    assert {row["name"]: row["balance"] for row in rows} == {
        "Orders receivable": "119.00",
        "Tax payable": "-19.00",
        "Sales": "-100.00",
    }


def test_the_list_in_every_format(books: CommandLine) -> None:
    table = books("source", "list").stdout.splitlines()
    assert table[0].split() == ["source", "connector", "kind", "last", "heard", "deliveries", "waiting", "rejected"]
    assert table[2].split() == ["shop", "shopify", "shop", "0", "0", "0"]
    assert len(table) == 5
    assert books("source", "list", "-o", "csv").stdout == (
        "source,connector,kind,last_heard,deliveries,waiting,rejected\n"
        "shop,shopify,shop,,0,0,0\n"
        "stripe,stripe,gateway,,0,0,0\n"
        "bank,camt,bank,,0,0,0\n"
    )
    rows = json.loads(books("source", "list", "-o", "json").stdout, parse_float=str)
    assert [(row["name"], row["kind"], row["last_delivery_at"]) for row in rows] == [
        ("shop", "shop", None),
        ("stripe", "gateway", None),
        ("bank", "bank", None),
    ]
