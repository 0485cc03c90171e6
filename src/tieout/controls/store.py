"""Keeps people, API keys and sessions (hashed) and the audit log."""

import hashlib
import secrets
from datetime import datetime
from functools import cache

import argon2
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.error import BadInput

_SQL = Queries("tieout.controls")
_HASHER = argon2.PasswordHasher()


@cache
def _nobody() -> str:
    """Verified against when nobody has the name, so that a wrong name takes as long as a wrong password.

    Made at the first login, whatever its name, since it takes as long as importing everything else.
    """
    return _HASHER.hash(secrets.token_urlsafe(16))


class AuditLine(Struct, frozen=True):
    """One decision: who did what to which thing."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


class KeyRow(Struct, frozen=True):
    """An API key: when it was made and, if it is over, when it was revoked."""

    name: str
    created_at: datetime
    revoked_at: datetime | None


class PersonRow(Struct, frozen=True):
    """Somebody who may log in, since when, and in how many sessions they are logged in."""

    name: str
    created_at: datetime
    sessions: int


def _raw(secret: str) -> bytes:
    """Its bytes, also of what is no text at all, as a stranger may send; that is a wrong secret and not an error."""
    return secret.encode("utf-8", "surrogatepass")


def _digest(token: str) -> bytes:
    return hashlib.sha256(_raw(token)).digest()


def set_password(connection: Connection, ledger_id: int, name: str, password: str) -> None:
    """Creates a person or changes their password; only its argon2id hash is kept.

    Whoever is logged in by the old password is logged in no more. Raises BadInput for an empty name or password.
    """
    if not name.strip() or not password.strip():
        raise BadInput("A name and a password are not empty", where="password", remedy="Choose a longer one.")
    columns = {"ledger": ledger_id, "name": name, "hash": _HASHER.hash(_raw(password))}
    connection.execute(_SQL.put_person, columns)
    connection.execute(_SQL.drop_sessions_of, {"ledger": ledger_id, "person": name})


def add_seller_person(connection: Connection, ledger_id: int, name: str, password: str, party: str) -> bool:
    """Lets somebody log in for a seller; False if the name is taken. Raises BadInput for an empty name or password."""
    if not name.strip() or not password.strip():
        raise BadInput("A name and a password are not empty", where="password", remedy="Choose a longer one.")
    columns = {"ledger": ledger_id, "name": name, "hash": _HASHER.hash(_raw(password)), "party": party}
    return connection.execute(_SQL.put_seller_person, columns).rowcount == 1


def check_password(connection: Connection, ledger_id: int, name: str, password: str) -> bool:
    """Whether this is the person's password."""
    row = connection.execute(_SQL.person, {"ledger": ledger_id, "name": name}).fetchone()
    nobody = _nobody()
    try:
        _HASHER.verify(row[0] if row else nobody, _raw(password))
    except argon2.exceptions.VerificationError:
        return False
    return row is not None


def new_api_key(connection: Connection, ledger_id: int, name: str) -> str:
    """Makes an API key and returns it; it cannot be read again, only its hash is kept."""
    key = "tok_" + secrets.token_urlsafe(32)
    connection.execute(_SQL.put_key, {"ledger": ledger_id, "name": name, "hash": _digest(key)})
    return key


def key_name(connection: Connection, ledger_id: int, key: str) -> str | None:
    """The name of a valid API key, or None."""
    row = connection.execute(_SQL.key, {"ledger": ledger_id, "hash": _digest(key)}).fetchone()
    return None if row is None else str(row[0])


def revoke_api_key(connection: Connection, ledger_id: int, name: str) -> bool:
    """Ends an API key for good; False if there is no valid one of that name."""
    return connection.execute(_SQL.revoke_key, {"ledger": ledger_id, "name": name}).rowcount == 1


def api_keys(connection: Connection, ledger_id: int) -> list[KeyRow]:
    """All API keys by name, revoked ones too."""
    return [KeyRow(*row) for row in connection.execute(_SQL.keys, {"ledger": ledger_id})]


def people(connection: Connection, ledger_id: int) -> list[PersonRow]:
    """Everybody who may log in, by name."""
    return [PersonRow(*row) for row in connection.execute(_SQL.people, {"ledger": ledger_id})]


def remove_person(connection: Connection, ledger_id: int, name: str) -> bool:
    """Forgets a person's password and sessions; False if there is nobody of that name."""
    connection.execute(_SQL.drop_sessions_of, {"ledger": ledger_id, "person": name})
    return connection.execute(_SQL.drop_person, {"ledger": ledger_id, "name": name}).rowcount == 1


def new_session(connection: Connection, ledger_id: int, person: str, expires_at: datetime) -> str:
    """Opens a login session and returns its token for the cookie."""
    token = secrets.token_urlsafe(32)
    columns = {"ledger": ledger_id, "hash": _digest(token), "person": person, "expires": expires_at}
    connection.execute(_SQL.put_session, columns)
    return token


def session_person(connection: Connection, ledger_id: int, token: str, now: datetime) -> tuple[str, str | None] | None:
    """Whose session this is and the seller they log in for, or None if it is unknown or over."""
    row = connection.execute(_SQL.session, {"ledger": ledger_id, "hash": _digest(token), "now": now}).fetchone()
    return None if row is None else (str(row[0]), row[1])


def end_session(connection: Connection, ledger_id: int, token: str, now: datetime) -> None:
    """Ends a session; sweeps out expired ones on the way."""
    connection.execute(_SQL.drop_session, {"ledger": ledger_id, "hash": _digest(token), "now": now})


def log(connection: Connection, ledger_id: int, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Appends to the audit log, in the unit of work of what it records."""
    columns = {"ledger": ledger_id, "actor": actor, "action": action, "subject": subject, "detail": detail}
    connection.execute(_SQL.log, columns)


def log_page(connection: Connection, ledger_id: int, limit: int) -> list[AuditLine]:
    """The newest lines of the audit log."""
    return [AuditLine(*row) for row in connection.execute(_SQL.log_page, {"ledger": ledger_id, "limit": limit})]
