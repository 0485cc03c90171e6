"""Opening books, adding sources, and what the doctor says of each wrong thing."""

import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.app.house import order, push, rates, tell
from tieout.app import Settings, Tieout, face
from tieout.app.views import Finding, InitReport
from tieout.db.pool import Database
from tieout.events import registry
from tieout.model.entity import Actor
from tieout.model.error import BadInput, ConfigError, NotFound, SetupError, SignatureRefused, TieoutError

ANNA = Actor("anna", "person")


class Disk(NamedTuple):
    """What shutil.disk_usage answers."""

    total: int
    used: int
    free: int


@pytest.fixture
def bare(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """An installation without books."""
    found = Tieout.open(Settings(home=tmp_path, database_url=database_url), migrating=False, connections_max=2)
    yield found
    found.close()


# ── Opening books ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_opening_books_gives_an_administrator_and_a_key_once(bare: Tieout) -> None:
    report = bare.init("Lindenhof GmbH", base_currency="CHF", timezone="Europe/Zurich", chart="retailer", user="eva")
    assert (report.entity, report.user) == ("Lindenhof GmbH", "eva")
    assert len(report.password) >= 16
    assert report.api_key.startswith("tok_")
    entity = bare.entity()
    assert (entity.code, entity.base_currency, entity.timezone) == ("lindenhof-gmbh", "CHF", "Europe/Zurich")
    assert bare.actor_of_session(bare.log_in("eva", report.password)) == Actor("eva", "person")
    assert bare.actor_of_key(report.api_key) == Actor("first", "key")
    opened = bare.audit()[-1]
    assert (opened.actor, opened.action, opened.subject) == ("eva", "ledger.opened", "lindenhof-gmbh")
    assert opened.detail == "CHF, chart retailer"


def test_a_password_of_ones_own_is_kept(bare: Tieout) -> None:
    report = bare.init("Lindenhof GmbH", password="horse-battery")
    assert report == InitReport("Lindenhof GmbH", "admin", "horse-battery", report.api_key)


@pytest.mark.parametrize("again", ["Lindenhof GmbH", "lindenhof  gmbh!", "Another Ltd"])
def test_books_are_opened_once(bare: Tieout, again: str) -> None:
    first = bare.init("Lindenhof GmbH")
    with pytest.raises(ConfigError, match="open already") as refused:
        bare.init(again, user="thief", password="stolen")
    assert (refused.value.where, refused.value.status) == ("init", 400)
    assert bare.entity().name == "Lindenhof GmbH"
    assert bare.actor_of_key(first.api_key) == Actor("first", "key"), "the first key is valid still"
    with pytest.raises(TieoutError):
        bare.log_in("thief", "stolen")


@pytest.mark.parametrize(
    ("wrong", "code", "where"),
    [
        ({"base_currency": "EURO"}, "amount", "currency"),
        ({"base_currency": "eur"}, "amount", "currency"),
        ({"timezone": "Europe/Atlantis"}, "config", "timezone"),
        ({"timezone": "../../etc/passwd"}, "config", "timezone"),
        ({"timezone": ""}, "config", "timezone"),
        ({"chart": "airline"}, "config", "chart"),
        ({"chart": "../posting"}, "config", "chart"),
        ({"name": "  "}, "config", "name"),
    ],
)
def test_a_value_that_does_not_exist_opens_nothing(bare: Tieout, wrong: dict[str, str], code: str, where: str) -> None:
    with pytest.raises(TieoutError) as refused:
        bare.init(**{"name": "Lindenhof GmbH"} | wrong)
    assert (refused.value.code, refused.value.where) == (code, where)
    assert refused.value.remedy
    with pytest.raises(SetupError, match="No books have been opened yet"):
        bare.entity()


def test_a_name_without_latin_letters_opens_books(bare: Tieout) -> None:
    bare.init("株式会社", base_currency="JPY", timezone="Asia/Tokyo")
    assert (bare.entity().code, bare.entity().name) == ("books", "株式会社")


def test_without_books_every_door_says_how_to_open_them(bare: Tieout) -> None:
    for action in (bare.proof, bare.reconcile, bare.journal, lambda: bare.receive_hook("shop", {}, b"{}")):
        with pytest.raises(SetupError, match="No books have been opened yet") as refused:
            action()
        assert (refused.value.remedy, refused.value.status) == ("Run `tieout init`.", 503)


def test_an_installation_that_cannot_be_migrated_keeps_no_connection(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Database] = []

    def refuse(_url: str) -> None:
        raise SetupError("The database is newer than this program")

    class Watched(Database):
        def __init__(self, url: str, *, connections_max: int = 12) -> None:
            super().__init__(url, connections_max=connections_max)
            opened.append(self)

    monkeypatch.setattr(face, "migrate", refuse)
    monkeypatch.setattr(face, "Database", Watched)
    with pytest.raises(SetupError, match="newer"):
        Tieout.open(Settings(home=tmp_path, database_url=database_url))
    assert [database._pool.closed for database in opened] == [True]


# ── Sources ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_source_brings_its_accounts(app: Tieout) -> None:
    before = {a.code for a in app.accounts()}
    app.add_source("stripe-usa", "stripe", secrets=["whsec_2"], actor=ANNA)
    added = {a.code: (a.name, a.role, a.clearing) for a in app.accounts() if a.code not in before}
    assert added == {
        "1310.stripe-usa": ("Captured, not settled: stripe-usa", "captured", True),
        "1320.stripe-usa": ("Gateway balance: stripe-usa", "gateway", True),
        "1340.stripe-usa": ("Disputed funds: stripe-usa", "disputed", True),
        "1350.stripe-usa": ("Reserves held: stripe-usa", "reserve", True),
    }, "payouts in transit are the connector's: both accounts of a gateway pay to the same bank"
    assert [(s.name, s.connector, s.kind, s.deliveries) for s in app.sources()] == [
        ("shop", "shopify", "shop", 0),
        ("stripe", "stripe", "gateway", 0),
        ("bank", "camt", "bank", 0),
        ("stripe-usa", "stripe", "gateway", 0),
    ]
    line = app.audit()[0]
    assert (line.actor, line.action, line.subject, line.detail) == ("anna", "source.added", "stripe-usa", "stripe")


@pytest.mark.parametrize("name", ["", "Shop", "-shop", "my shop", "läden", "a" * 41, "shop/../x", "shop\n"])
def test_a_source_has_a_name_that_fits_an_address(app: Tieout, name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        app.add_source(name, "shopify")
    assert refused.value.what == f"“{name}” is not a name for a source"
    assert refused.value.where == "name"


def test_a_source_is_added_once(app: Tieout) -> None:
    with pytest.raises(ConfigError, match="There is a source “shop” already"):
        app.add_source("shop", "stripe", secrets=["other"])
    assert app.signing_secret("shop") == "secret-of-shop"
    assert [s.connector for s in app.sources()] == ["shopify", "stripe", "camt"]


def test_a_connector_must_be_installed(app: Tieout) -> None:
    with pytest.raises(NotFound, match="There is no connector “paypal”") as refused:
        app.add_source("paypal", "paypal")
    assert refused.value.remedy == "Installed are: camt, shopify, stripe."
    assert len(app.sources()) == 3
    assert [c.name for c in app.connectors()] == ["camt", "shopify", "stripe"]


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────────────────────────


def accepted(app: Tieout, secret: str, n: int) -> bool:
    """Whether a hook signed with this secret is taken."""
    body = json.dumps(order(n)["order"]).encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    headers = {
        "x-shopify-hmac-sha256": signature, "x-shopify-topic": "orders/create", "x-shopify-webhook-id": f"hook-{n}",
    }  # fmt: skip
    try:
        return app.receive_hook("shop", headers, body).verdict == "accepted"
    except SignatureRefused:
        return False


def test_while_a_secret_is_rotated_the_old_and_the_new_are_valid(app: Tieout) -> None:
    app.rotate_secret("shop", "second", actor=ANNA)
    assert [accepted(app, s, n) for n, s in enumerate(["secret-of-shop", "second", "third"])] == [True, True, False]
    assert app.signing_secret("shop") == "second"
    app.rotate_secret("shop", "third")
    assert [accepted(app, s, n) for n, s in enumerate(["secret-of-shop", "second", "third"], 10)] == [False, True, True]
    lines = [(line.actor, line.action, line.subject, line.detail) for line in app.audit()[:2]]
    assert lines == [("tieout", "source.secret_rotated", "shop", ""), ("anna", "source.secret_rotated", "shop", "")]


def test_a_source_without_a_secret_gets_its_first(app: Tieout) -> None:
    app.add_source("late", "stripe")
    assert app.signing_secret("late") is None
    app.rotate_secret("late", "whsec_new")
    assert app.signing_secret("late") == "whsec_new"


def test_secrets_of_nobody_cannot_be_rotated(app: Tieout) -> None:
    with pytest.raises(NotFound, match="There is no source “shoop”") as refused:
        app.rotate_secret("shoop", "x")
    assert refused.value.remedy == "Sources are: shop, stripe, bank. Add one with `tieout source add`."
    with pytest.raises(NotFound):
        app.signing_secret("shoop")


# ── Rates ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rates_are_imported_once(app: Tieout) -> None:
    week = rates(("2026-03-02", "USD", "1.08"), ("2026-03-02", "CHF", "0.95"), ("2026-03-03", "USD", "1.09"))
    assert app.import_rates(week, actor=ANNA) == 3
    assert app.import_rates(week) == 0
    lines = [(line.actor, line.action, line.detail) for line in app.audit()[:2]]
    assert lines == [("tieout", "rates.imported", "0 new"), ("anna", "rates.imported", "3 new")]


@pytest.mark.parametrize("body", [b"", b"<html>", b"no,such,file\n1,2,3", b"\xff\xfe\x00"])
def test_a_file_that_is_not_the_ecbs_is_refused(app: Tieout, body: bytes) -> None:
    with pytest.raises(BadInput):
        app.import_rates(body)
    assert app.audit()[0].action == "source.added"


# ── The doctor ────────────────────────────────────────────────────────────────────────────────────────────────────


def doctor(app: Tieout) -> dict[str, Finding]:
    return {finding.what: finding for finding in app.doctor()}


def wrong(app: Tieout) -> dict[str, tuple[str, str]]:
    return {f.what: (f.detail, f.remedy) for f in app.doctor() if not f.ok}


@pytest.fixture
def well(house: Callable[..., Tieout], tmp_path: Path) -> Tieout:
    (tmp_path / "home").mkdir(exist_ok=True)
    return house()


def test_a_sound_installation_has_nothing_wrong(well: Tieout) -> None:
    found = doctor(well)
    assert list(found) == [
        "home", "disk", "database", "schema", "books", "seals", "source shop", "source stripe", "source bank",
    ]  # fmt: skip
    assert wrong(well) == {}
    assert found["books"].detail == "Lindenhof GmbH, EUR, chart marketplace"
    assert found["source shop"].detail == "shopify, nothing received yet"
    assert found["source shop"].remedy == "Point the provider's webhook at /hooks/shop."
    assert found["source bank"].remedy == "Import a file."
    have, _, want = found["schema"].detail.removeprefix("version ").partition(" of ")
    assert int(have) == int(want) > 0
    assert found["database"].detail.startswith("PostgreSQL ")


def test_a_source_that_was_heard_says_when(well: Tieout) -> None:
    tell(well, "shop", order(), "orders")
    with pytest.raises(SignatureRefused):
        well.receive_hook("shop", {}, b"{}")
    (heard,) = [s for s in well.sources() if s.name == "shop"]
    assert heard.last_delivery_at is not None
    detail = f"shopify, last heard {heard.last_delivery_at:%Y-%m-%d %H:%M} UTC, 1 rejected"
    assert doctor(well)["source shop"] == Finding("source shop", True, detail)
    assert (heard.deliveries, heard.waiting, heard.rejected) == (2, 0, 1)


def test_work_that_waits_is_counted_with_its_source(well: Tieout) -> None:
    push(well, "shop", order(), "orders")
    push(well, "shop", order(), "orders")
    assert [(s.name, s.deliveries, s.waiting) for s in well.sources()] == [
        ("shop", 2, 1),
        ("stripe", 0, 0),
        ("bank", 0, 0),
    ]
    assert well.proof().deliveries_waiting == 1


def test_the_doctor_finds_a_home_that_is_missing(app: Tieout) -> None:
    home = app.settings.home
    shutil.rmtree(home, ignore_errors=True)
    assert wrong(app) == {
        "home": (str(home), "Make the folder writable, or set TIEOUT_HOME."),
        "disk": ("the home folder does not exist", "Run `tieout init`."),
    }


def test_the_doctor_finds_a_home_that_cannot_be_written(well: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert wrong(well) == {"home": (str(well.settings.home), "Make the folder writable, or set TIEOUT_HOME.")}


def test_the_doctor_finds_a_full_disk(well: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(10**12, 10**12 - 10**9, 10**9))
    assert wrong(well) == {"disk": ("1,000 MB free", "Free some space; deliveries are kept for ever.")}
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(10**12, 0, 10**9 + 1))
    assert wrong(well) == {}


def test_the_doctor_finds_a_server_that_is_too_old(well: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psycopg.ConnectionInfo.server_version", 140011)
    assert wrong(well) == {"database": ("PostgreSQL 14.11", "Use PostgreSQL 15 or later.")}


def test_the_doctor_finds_a_database_that_is_behind(well: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tieout.app.setup.migrations", lambda: [(999, "", "")])
    ((what, (detail, remedy)),) = wrong(well).items()
    assert (what, detail.endswith(" of 999"), remedy) == (
        "schema", True, "Run `tieout init` or restart `tieout serve`."
    )  # fmt: skip


def test_the_doctor_finds_that_no_books_are_open(bare: Tieout) -> None:
    assert wrong(bare) == {"books": ("No books have been opened yet", "Run `tieout init`.")}
    assert [finding.what for finding in bare.doctor()] == ["home", "disk", "database", "schema", "books"]


def test_the_doctor_finds_that_there_are_no_sources(bare: Tieout) -> None:
    bare.init("Lindenhof GmbH", password="p")
    assert wrong(bare) == {"sources": ("none yet", "Add one, e.g. `tieout source add stripe --secret whsec_…`.")}


def test_the_doctor_finds_a_source_without_a_secret(well: Tieout) -> None:
    well.add_source("late", "stripe")
    assert wrong(well) == {
        "source late": (
            "no webhook secret: every hook is rejected",
            "Run `tieout source secret late` with the provider's signing secret.",
        )
    }


def test_the_doctor_finds_a_mapping_that_is_not_right_and_goes_on(tmp_path: Path, house: Callable[..., Tieout]) -> None:
    folder = tmp_path / "home" / "mappings"
    folder.mkdir(parents=True)
    (folder / "shopify.toml").write_text("version = 1\ncolour = 'red'\n", encoding="utf-8")
    app = house()
    found = wrong(app)
    assert list(found) == ["source shop"]
    assert "colour" in found["source shop"][0]
    assert doctor(app)["source bank"].ok


def test_the_doctor_finds_a_connector_that_was_uninstalled(well: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: package for name, package in registry.connector_packages().items() if name != "shopify"}
    monkeypatch.setattr(registry, "connector_packages", lambda: kept)
    assert wrong(well) == {"source shop": ("There is no connector “shopify”", "Installed are: camt, stripe.")}
