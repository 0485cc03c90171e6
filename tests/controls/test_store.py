"""Who may come in: secrets are kept as hashes, end when they are ended, and everything is written down."""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from tests.ledger.books import open_books
from tieout.controls import store
from tieout.controls.store import AuditLine
from tieout.db.pool import Connection
from tieout.model.error import BadInput

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """A database with two ledgers, numbers 1 and 2."""
    found = fresh_database()
    with psycopg.connect(found) as connection:
        open_books(connection)
        open_books(connection, "second")
    return found


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


# ── Passwords ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_right_password_and_no_other(connection: Connection) -> None:
    store.set_password(connection, 1, "ana", "correct horse é")
    assert store.check_password(connection, 1, "ana", "correct horse é") is True
    wrong = ["correct horse e", "Correct horse é", "correct horse é ", "correct horse", "", "\udcff"]
    assert [p for p in wrong if store.check_password(connection, 1, "ana", p)] == []


def test_a_person_belongs_to_their_ledger_and_has_one_spelling(connection: Connection) -> None:
    store.set_password(connection, 1, "ana", "correct horse")
    assert [store.check_password(connection, 2, "ana", "correct horse")] == [False]
    assert [
        name for name in ("Ana", "ana ", "bo", "") if store.check_password(connection, 1, name, "correct horse")
    ] == []


def test_only_an_argon2id_hash_is_kept_salted(connection: Connection) -> None:
    store.set_password(connection, 1, "ana", "the same")
    store.set_password(connection, 1, "bo", "the same")
    hashes = [row[0] for row in connection.execute("select password_hash from person order by name")]
    assert [h.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for h in hashes] == [True, True]
    assert hashes[0] != hashes[1]


def test_a_changed_password_replaces_the_old_one_and_logs_its_holder_out(connection: Connection) -> None:
    """Whoever stole the old password, or a session made with it, is out."""
    store.set_password(connection, 1, "ana", "old one")
    store.set_password(connection, 1, "bo", "bo's own")
    anas, bos = (store.new_session(connection, 1, name, NOW + HOUR) for name in ("ana", "bo"))
    store.set_password(connection, 1, "ana", "new one")
    assert store.check_password(connection, 1, "ana", "old one") is False
    assert store.check_password(connection, 1, "ana", "new one") is True
    assert store.session_person(connection, 1, anas, NOW) is None
    assert store.session_person(connection, 1, bos, NOW) == ("bo", None)


@pytest.mark.parametrize(
    ("name", "password"), [("ana", ""), ("ana", "  "), ("", "correct horse"), (" ", "correct horse")]
)
def test_nobody_comes_in_with_nothing(connection: Connection, name: str, password: str) -> None:
    with pytest.raises(BadInput, match="are not empty"):
        store.set_password(connection, 1, name, password)
    assert store.check_password(connection, 1, name, password) is False


def test_an_unknown_name_takes_as_long_as_a_wrong_password(connection: Connection) -> None:
    """Otherwise names could be found out by the clock. Measured against the hash itself, with much room."""
    store.set_password(connection, 1, "ana", "correct horse")
    store.check_password(connection, 1, "nobody", "x")

    def fastest(name: str) -> float:
        found = []
        for _ in range(3):
            began = time.perf_counter()
            store.check_password(connection, 1, name, "wrong")
            found.append(time.perf_counter() - began)
        return min(found)

    assert fastest("nobody") > fastest("ana") / 3


# ── API keys ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_names_its_bearer(connection: Connection) -> None:
    key = store.new_api_key(connection, 1, "shop")
    other = store.new_api_key(connection, 1, "bank")
    assert key.startswith("tok_")
    assert len(key) >= 47, "256 bits"
    assert (store.key_name(connection, 1, key), store.key_name(connection, 1, other)) == ("shop", "bank")
    for wrong in (key[:-1], key + "x", key.upper(), key.removeprefix("tok_"), "", "shop", "\udcff"):
        assert store.key_name(connection, 1, wrong) is None
    assert store.key_name(connection, 2, key) is None


def test_a_revoked_key_is_no_key(connection: Connection) -> None:
    key = store.new_api_key(connection, 1, "shop")
    kept = store.new_api_key(connection, 1, "bank")
    assert store.revoke_api_key(connection, 1, "shop") is True
    assert store.key_name(connection, 1, key) is None
    assert store.key_name(connection, 1, kept) == "bank"
    assert store.revoke_api_key(connection, 1, "shop") is False, "it is revoked already"
    assert store.revoke_api_key(connection, 1, "nobody") is False
    assert store.revoke_api_key(connection, 2, "bank") is False


def test_a_new_key_of_the_same_name_ends_the_old_one(connection: Connection) -> None:
    old = store.new_api_key(connection, 1, "shop")
    store.revoke_api_key(connection, 1, "shop")
    new = store.new_api_key(connection, 1, "shop")
    assert (store.key_name(connection, 1, old), store.key_name(connection, 1, new)) == (None, "shop")


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_ends_on_time(connection: Connection) -> None:
    token = store.new_session(connection, 1, "ana", NOW + HOUR)
    almost = NOW + HOUR - timedelta(microseconds=1)
    assert store.session_person(connection, 1, token, NOW) == ("ana", None)
    assert store.session_person(connection, 1, token, almost) == ("ana", None)
    assert store.session_person(connection, 1, token, NOW + HOUR) is None
    assert store.session_person(connection, 2, token, NOW) is None
    assert store.session_person(connection, 1, token + "x", NOW) is None


def test_logging_out_ends_one_session_and_sweeps_out_those_that_are_over(connection: Connection) -> None:
    first, second, over = (
        store.new_session(connection, 1, "ana", until) for until in (NOW + HOUR, NOW + HOUR, NOW - HOUR)
    )
    store.end_session(connection, 1, first, NOW)
    assert [store.session_person(connection, 1, t, NOW - 2 * HOUR) for t in (first, second, over)] == [
        None,
        ("ana", None),
        None,
    ]
    assert connection.execute("select count(*) from login_session").fetchone() == (1,)


# ── What is kept ──────────────────────────────────────────────────────────────────────────────────────────────


def test_no_secret_stands_anywhere_in_the_database(connection: Connection) -> None:
    """Every column of every table is read as text; neither secrets nor halves of them are found, in any encoding."""
    password = secrets.token_hex(12)
    store.set_password(connection, 1, "ana", password)
    key = store.new_api_key(connection, 1, "shop")
    token = store.new_session(connection, 1, "ana", NOW + HOUR)
    store.log(connection, 1, "ana", "key.made", "shop")
    tables = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
    assert {"person", "api_key", "login_session", "audit_log"} <= set(tables)
    text = "\n".join(
        row[0]
        for table in tables
        for row in connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
    )
    assert "ana" in text
    assert "whsec_secret" in text, "the scan sees what is kept in clear: a webhook's secret must be, to sign with"
    for secret in (password, key, token):
        for part in (secret, secret[:16], secret[-16:]):
            assert part not in text
            assert part.encode().hex() not in text


def test_the_audit_log_is_read_newest_first(connection: Connection) -> None:
    store.log(connection, 1, "ana", "case.book", "cas_1", "Written off.")
    store.log(connection, 2, "eve", "login", "eve")
    store.log(connection, 1, "bo", "login", "bo")
    (newest, older) = store.log_page(connection, 1, 10)
    assert older == AuditLine(older.at, "ana", "case.book", "cas_1", "Written off.")
    assert (newest.actor, newest.action, newest.subject, newest.detail) == ("bo", "login", "bo", "")
    assert older.at <= newest.at
    assert store.log_page(connection, 1, 1) == [newest]


@pytest.mark.parametrize(
    "statement", ["update audit_log set actor = 'bo'", "delete from audit_log", "truncate audit_log"]
)
def test_the_audit_log_only_grows(connection: Connection, statement: str) -> None:
    store.log(connection, 1, "ana", "case.book", "cas_1")
    with pytest.raises(psycopg.errors.RestrictViolation, match="on audit_log"), connection.transaction():
        connection.execute(statement)
    assert [line.actor for line in store.log_page(connection, 1, 10)] == ["ana"]


def test_keys_and_people_are_listed_by_name_for_their_ledger(connection: Connection) -> None:
    for name in ("till", "Stall", "äpfel"):
        store.new_api_key(connection, 1, name)
        store.set_password(connection, 1, name, "x")
    assert store.revoke_api_key(connection, 1, "till")
    assert [(row.name, row.revoked_at is None) for row in store.api_keys(connection, 1)] == [
        ("Stall", True), ("till", False), ("äpfel", True)
    ]  # fmt: skip
    assert [row.name for row in store.people(connection, 1)] == ["Stall", "till", "äpfel"]
    assert (store.api_keys(connection, 2), store.people(connection, 2)) == ([], [])


def test_only_sessions_that_last_are_counted(connection: Connection) -> None:
    store.set_password(connection, 1, "ana", "x")
    now = datetime.now(UTC)
    store.new_session(connection, 1, "ana", now + HOUR)
    store.new_session(connection, 1, "ana", now - HOUR)
    assert [(row.name, row.sessions) for row in store.people(connection, 1)] == [("ana", 1)]


def test_a_removed_person_is_gone_with_their_sessions(connection: Connection) -> None:
    store.set_password(connection, 1, "ana", "x")
    token = store.new_session(connection, 1, "ana", NOW + HOUR)
    assert store.remove_person(connection, 1, "ana") is True
    assert store.session_person(connection, 1, token, NOW) is None
    assert store.check_password(connection, 1, "ana", "x") is False
    assert store.remove_person(connection, 1, "ana") is False
