"""Entries that cannot be, in one table: each is a coded error with a remedy by every way in, and nothing stays.

Every way in: the library, the command line and HTTP.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec import Struct

from tests.api.hub import Client, served
from tests.app.house import ANNA, open_house
from tests.cli.conftest import CommandLine
from tests.ledger.books import open_books
from tieout.app import Tieout
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import TieoutError
from tieout.model.period import PeriodState

#: Sound, but for what a case does to it.
SOUND: dict[str, Any] = {
    "key": "k", "effective_date": "2026-03-02", "memo": "A mug", "why": "Because.",
    "lines": [
        {"account": "1100.bank", "currency": "EUR", "amount_minor": 500},
        {"account": "4000", "currency": "EUR", "amount_minor": -500},
    ],
}  # fmt: skip
WIDE = 2**63


class Wrong(Struct, frozen=True):
    """What is done to a sound entry, and how it is refused: by code in the library, by status and code over HTTP.

    `app` is None for what only text can say.
    """

    what: str
    spoil: Callable[[dict[str, Any]], object]
    app: str | None
    http: tuple[int, str]
    where: str = ""


def line(number: int, **changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda entry: entry["lines"][number].update(changes)


def both(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda entry: [part.update(changes) for part in entry["lines"]]


def head(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda entry: entry.update(changes)


def amounts(*given: Any, **more: Any) -> Callable[[dict[str, Any]], object]:
    def spoil(entry: dict[str, Any]) -> None:
        entry["lines"] = [{**SOUND["lines"][n % 2], "amount_minor": amount, **more} for n, amount in enumerate(given)]

    return spoil


REFUSED, UNFIT = (409, "posting_refused"), (409, "account_unfit")
BAD, AMOUNT = (400, "bad_input"), (400, "amount")
TABLE = (
    Wrong("unbalanced", line(0, amount_minor=501), "posting_refused", REFUSED),
    Wrong("unbalanced in base", both(currency="USD", base_minor=450), "posting_refused", REFUSED),
    Wrong("balanced over two currencies only", line(1, currency="USD", base_minor=-500), "posting_refused", REFUSED),
    Wrong("no lines", head(lines=[]), "posting_refused", REFUSED),
    Wrong("one line", lambda entry: entry["lines"].pop(), "posting_refused", REFUSED),
    Wrong("a line of zero", amounts(500, -500, 0), "posting_refused", REFUSED),
    Wrong("nothing but zeros", amounts(0, 0), "posting_refused", REFUSED),
    Wrong("unknown account", line(0, account="9999"), "account_unfit", UNFIT),
    Wrong("an account of another entity", line(0, account="1310.stripe2"), "account_unfit", UNFIT),
    Wrong("an entry of another entity", head(entity="other"), None, BAD),
    Wrong("an entry of another ledger by number", head(ledger_id=2), None, BAD),
    Wrong("a line of another entity", line(1, entity="other"), None, BAD, "lines[1]"),
    Wrong("lines of several entities", line(1, account="other:4000"), "account_unfit", UNFIT),
    Wrong("a closed period", head(effective_date="2026-01-15"), "period_closed", (409, "period_closed")),
    Wrong("a soft-closed period", head(effective_date="2026-02-15"), "period_closed", (409, "period_closed")),
    Wrong("beyond 64 bits", amounts(WIDE, -WIDE), "posting_refused", REFUSED),
    Wrong("far beyond 64 bits", amounts(10**40, -(10**40)), "posting_refused", REFUSED),
    Wrong("the smallest number of 64 bits", amounts(WIDE - 1, 1, -WIDE), "posting_refused", REFUSED),
    Wrong("debits beyond 64 bits together", amounts(WIDE - 1, -(WIDE - 1), 1, -1), "posting_refused", REFUSED),
    Wrong("a float", amounts(5.5, -5.5), "posting_refused", BAD, "amount_minor"),
    Wrong("a whole float", amounts(500.0, -500.0), "posting_refused", BAD, "amount_minor"),
    Wrong("text for a number", amounts("500", "-500"), "posting_refused", BAD, "amount_minor"),
    Wrong("true for a number", amounts(True, -1), "posting_refused", BAD, "amount_minor"),
    Wrong("nothing for a number", line(0, amount_minor=None), None, BAD, "amount_minor"),
    Wrong("no such currency", both(currency="QQQ", base_minor=0), "amount", AMOUNT),
    Wrong("a currency in small letters", both(currency="eur", base_minor=0), "amount", AMOUNT),
    Wrong("no currency", both(currency="", base_minor=0), "amount", AMOUNT),
    Wrong("another currency without its worth", both(currency="USD"), None, BAD),
    Wrong("its own currency worth something else", line(0, base_minor=499), None, BAD),
    Wrong("no key", head(key=""), "posting_refused", BAD, "key"),
    Wrong("a NUL in a text", head(memo="a\0b"), "posting_refused", REFUSED),
    Wrong("a NUL in a party", line(0, party="a\0b"), "posting_refused", REFUSED),
    Wrong("no day", head(effective_date="2026-02-30"), None, BAD, "effective_date"),
    Wrong("a time without a zone", head(occurred_at="2026-03-02T09:00:00"), "posting_refused", REFUSED),
    Wrong("a field too many", head(colour="red"), None, BAD),
    Wrong("a field too few", lambda entry: entry.pop("memo"), None, BAD),
    Wrong("lines that are no list", head(lines="many"), None, BAD),
)  # fmt: skip


@pytest.fixture(scope="module")
def app(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    """Books with a hard-closed January and a soft-closed February, beside those of another entity."""
    url = fresh_database()
    with open_house(url, tmp_path_factory.mktemp("home")) as opened:
        opened.set_period(date(2026, 1, 1), date(2026, 1, 31), PeriodState.HARD, actor=ANNA)
        opened.set_period(date(2026, 2, 1), date(2026, 2, 28), PeriodState.SOFT, actor=ANNA)
        with psycopg.connect(url) as connection:
            open_books(connection, "other")
            connection.execute(
                "insert into account (ledger_id, id, code, name, type, role)"
                " values (2, 999, '1310.stripe2', 'Theirs', 'asset', 'captured')"
            )
        yield opened


@pytest.fixture(scope="module")
def command(app: Tieout, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A person at a terminal."""
    return CommandLine(tmp_path_factory.mktemp("terminal"), app.database.url)


@pytest.fixture(scope="module")
def program(app: Tieout) -> Iterator[Client]:
    """A program with its key."""
    with served(app) as client:
        client.headers["Authorization"] = f"Bearer {app.new_api_key('tests')}"
        yield client


def drafted(entry: dict[str, Any]) -> EntryDraft:
    """The entry as a draft of the library, as a careless caller would make it."""
    day = date.fromisoformat(entry["effective_date"])
    at = datetime.fromisoformat(entry.get("occurred_at", f"{day}T12:00:00+00:00"))
    lines = tuple(Line(**{"base_minor": part["amount_minor"], **part}) for part in entry["lines"])
    return EntryDraft(entry["key"], day, at, lines, entry["memo"], "own", 1, entry["why"])


def spoilt(wrong: Wrong) -> dict[str, Any]:
    entry = deepcopy(SOUND)
    wrong.spoil(entry)
    return entry


def with_a_sound_one(entry: Any) -> list[Any]:
    """So that it shows that what comes with a wrong entry is not posted either."""
    return [SOUND | {"key": "sound"}, entry]


@pytest.mark.parametrize("wrong", [w for w in TABLE if w.app], ids=lambda wrong: wrong.what)
def test_the_library_refuses_it_with_a_code(app: Tieout, wrong: Wrong) -> None:
    with pytest.raises(TieoutError) as caught:
        app.post([drafted(entry) for entry in with_a_sound_one(spoilt(wrong))], actor=ANNA)
    assert (caught.value.code, bool(caught.value.what), bool(caught.value.remedy)) == (wrong.app, True, True)
    assert app.counts() == (0, 0)


@pytest.mark.parametrize("wrong", TABLE, ids=lambda wrong: wrong.what)
def test_the_api_refuses_it_with_a_code(app: Tieout, program: Client, wrong: Wrong) -> None:
    answer = program.post("/v1/entries", content=json.dumps({"entries": with_a_sound_one(spoilt(wrong))}).encode())
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == wrong.http, problem
    assert (problem["status"], answer.headers["content-type"]) == (wrong.http[0], "application/problem+json")
    assert problem["detail"]
    assert problem["remedy"]
    assert wrong.where in problem["detail"] + problem["where"]
    assert app.counts() == (0, 0)


@pytest.mark.parametrize("wrong", TABLE, ids=lambda wrong: wrong.what)
def test_the_command_line_refuses_it_with_a_code(app: Tieout, command: CommandLine, wrong: Wrong) -> None:
    said = command.error("post", "-", typed=json.dumps({"entries": with_a_sound_one(spoilt(wrong))}))
    coded = re.fullmatch(r"\[(\w+)\] (.+) \((.+)\)\. (.+)", said)
    assert coded, said
    assert coded[1] == wrong.http[1]
    assert wrong.where in coded[2] + coded[3]
    assert app.counts() == (0, 0)


@pytest.mark.parametrize("wrong", [w for w in TABLE if w.app], ids=lambda wrong: wrong.what)
def test_a_remedy_can_be_followed(app: Tieout, wrong: Wrong) -> None:
    """A sentence that says what to do, and no name of ours that only who wrote it knows."""
    with pytest.raises(TieoutError) as caught:
        app.post([drafted(spoilt(wrong))], actor=ANNA)
    remedy = caught.value.remedy
    assert re.fullmatch(r"[A-Z`A].*[.]", remedy), remedy
    assert len(remedy.split()) >= 4 or "NUL" in caught.value.what, remedy
    assert not re.search(r"[a-z]_[a-z]", remedy), remedy


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"entries": [NaN]}', b'{"entries": []}', b'{"entries": [{"key": "\xff"}]}']
)
def test_the_api_refuses_what_is_no_such_thing(app: Tieout, program: Client, body: bytes) -> None:
    answer = program.post("/v1/entries", content=body)
    assert (answer.status_code, answer.json()["code"], bool(answer.json()["remedy"])) == (400, "bad_input", True)
    assert app.counts() == (0, 0)


def test_the_sound_one_is_posted(database_url: str, tmp_path: Path) -> None:
    """Or the table would prove nothing."""
    with open_house(database_url, tmp_path / "home") as app, served(app) as client:
        client.headers["Authorization"] = f"Bearer {app.new_api_key('tests')}"
        answer = client.post("/v1/entries", content=json.dumps({"entries": [SOUND]}).encode())
        assert (answer.status_code, app.counts()) == (200, (1, 2))
        app.post([drafted(SOUND | {"key": "other"})], actor=ANNA)
        assert app.counts() == (2, 4)
        assert app.journal()[0].entry.draft.occurred_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
