"""Who may come in: people with passwords, programs with keys; and who no more."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.app.house import ANNA
from tieout.app import Tieout, access
from tieout.app.access import SESSION_HOURS
from tieout.model.entity import Actor
from tieout.model.error import BadInput, Conflict, NotAllowed, NotFound


def test_a_person_logs_in_and_out(app: Tieout) -> None:
    token = app.log_in("admin", "not-a-secret")
    assert app.actor_of_session(token) == Actor("admin", "person")
    other = app.log_in("admin", "not-a-secret")
    assert other != token
    app.log_out(token)
    assert app.actor_of_session(token) is None
    assert app.actor_of_session(other) == Actor("admin", "person")
    app.log_out("nonsense")
    assert [line.action for line in app.audit(2)] == ["login", "login"]


@pytest.mark.parametrize(
    ("name", "password"),
    [("admin", "wrong"), ("admin", ""), ("nobody", "not-a-secret"), ("", ""), ("ADMIN", "not-a-secret")],
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(app: Tieout, name: str, password: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        app.log_in(name, password)
    assert str(refused.value) == (
        "[not_allowed] Name or password is wrong (login). Reset it with `tieout user password`."
    )
    newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject) == ("nobody", "login.refused", name)


def test_what_was_refused_is_logged_in_short(app: Tieout) -> None:
    with pytest.raises(NotAllowed):
        app.log_in("a" * 5000, "x")
    assert app.audit(1)[0].subject == "a" * 80


def test_a_password_that_is_changed_replaces_the_old_one(app: Tieout) -> None:
    app.set_password("admin", "second", actor=ANNA)
    with pytest.raises(NotAllowed):
        app.log_in("admin", "not-a-secret")
    app.set_password("eva", "evas", actor=ANNA)
    assert app.actor_of_session(app.log_in("admin", "second")) == Actor("admin", "person")
    assert app.actor_of_session(app.log_in("eva", "evas")) == Actor("eva", "person")
    assert ("anna", "password.set", "eva") in [(line.actor, line.action, line.subject) for line in app.audit()]


def test_a_session_ends_after_a_working_day(app: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    token = app.log_in("admin", "not-a-secret")
    now = datetime.now(UTC)
    monkeypatch.setattr(access, "utc_now", lambda: now + timedelta(hours=SESSION_HOURS, minutes=-1))
    assert app.actor_of_session(token) == Actor("admin", "person")
    monkeypatch.setattr(access, "utc_now", lambda: now + timedelta(hours=SESSION_HOURS, minutes=1))
    assert app.actor_of_session(token) is None


def test_neither_passwords_nor_tokens_nor_keys_are_kept(app: Tieout) -> None:
    secrets = ["not-a-secret", app.log_in("admin", "not-a-secret"), app.new_api_key("till")]
    with app.database.unit() as connection:
        for table in ("person", "login_session", "api_key", "audit_log"):
            kept = str(connection.execute(f"select t::text from {table} t").fetchall())  # noqa: S608 -- our own names
            assert [secret for secret in secrets if secret in kept] == [], table


def test_a_key_acts_under_its_name_until_it_is_made_anew(app: Tieout) -> None:
    key = app.new_api_key("till", actor=ANNA)
    other = app.new_api_key("stall")
    assert app.actor_of_key(key) == Actor("till", "key")
    new = app.new_api_key("till")
    assert [app.actor_of_key(k) for k in (key, new, other)] == [None, Actor("till", "key"), Actor("stall", "key")]
    for wrong in ("", "tok_", new[:-1], new + "a", new.upper()):
        assert app.actor_of_key(wrong) is None
    assert ("anna", "key.made", "till", "") in [(x.actor, x.action, x.subject, x.detail) for x in app.audit()]


def test_a_key_that_was_revoked_acts_no_more(app: Tieout) -> None:
    key, other = app.new_api_key("till"), app.new_api_key("stall")
    app.revoke_api_key("till", actor=ANNA)
    assert [app.actor_of_key(k) for k in (key, other)] == [None, Actor("stall", "key")]
    assert ("anna", "key.revoked", "till") in [(line.actor, line.action, line.subject) for line in app.audit()]
    for name in ("till", "nobody's"):
        with pytest.raises(NotFound, match="There is no valid key"):
            app.revoke_api_key(name)
    again = app.new_api_key("till")
    assert app.actor_of_key(again) == Actor("till", "key")


def test_keys_are_listed_without_themselves(app: Tieout) -> None:
    app.new_api_key("till")
    app.revoke_api_key("till")
    assert [(row.name, row.revoked_at is None) for row in app.api_keys()] == [("first", True), ("till", False)]


def test_a_person_who_was_removed_is_out_at_once(app: Tieout) -> None:
    app.set_password("eva", "evas")
    token = app.log_in("eva", "evas")
    assert [(row.name, row.sessions) for row in app.people()] == [("admin", 0), ("eva", 1)]
    app.remove_person("eva", actor=ANNA)
    assert app.actor_of_session(token) is None
    with pytest.raises(NotAllowed):
        app.log_in("eva", "evas")
    assert [row.name for row in app.people()] == ["admin"]
    assert ("anna", "person.removed", "eva") in [(line.actor, line.action, line.subject) for line in app.audit()]
    with pytest.raises(NotFound, match="Nobody called “eva” may log in"):
        app.remove_person("eva")


def test_somebody_is_let_in_for_a_seller_and_stays_that(app: Tieout) -> None:
    app.let_seller_in("A", "ada", "a password")
    actor = app.actor_of_session(app.log_in("ada", "a password"))
    assert actor == Actor("ada", "person", "A")
    with pytest.raises(Conflict, match="Somebody called “ada” may log in already"):
        app.let_seller_in("B", "ada", "another")
    app.set_password("ada", "a new password")
    changed = app.actor_of_session(app.log_in("ada", "a new password"))
    assert changed == actor, "a new password opens no other books"
    with pytest.raises(BadInput):
        app.let_seller_in("B", "bo", " ")
    assert app.audit(3)[-1].action in ("login", "seller.let_in")
