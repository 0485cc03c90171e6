"""Who may come in: people with passwords and sessions, programs with keys."""

from datetime import timedelta

from tieout.app.opened import SYSTEM, Opened
from tieout.app.understanding import utc_now
from tieout.controls import store as controls
from tieout.controls.store import KeyRow, PersonRow
from tieout.model.entity import Actor
from tieout.model.error import Conflict, NotAllowed, NotFound

SESSION_HOURS = 12


class Access(Opened):
    """The part of the face that lets people and programs in, and out."""

    def log_in(self, name: str, password: str) -> str:
        """A session token for the cookie. Raises NotAllowed for a wrong name or password, not saying which."""
        with self._books() as (connection, context):
            if controls.check_password(connection, context.id, name, password):
                controls.log(connection, context.id, name, "login", name)
                return controls.new_session(connection, context.id, name, utc_now() + timedelta(hours=SESSION_HOURS))
            controls.log(connection, context.id, "nobody", "login.refused", name[:80])
        raise NotAllowed("Name or password is wrong", where="login", remedy="Reset it with `tieout user password`.")

    def log_out(self, token: str) -> None:
        """Ends a session."""
        with self._books() as (connection, context):
            controls.end_session(connection, context.id, token, utc_now())

    def actor_of_session(self, token: str) -> Actor | None:
        """Who is logged in by this token."""
        with self._books() as (connection, context):
            person = controls.session_person(connection, context.id, token, utc_now())
            return None if person is None else Actor(person[0], "person", person[1])

    def actor_of_key(self, key: str) -> Actor | None:
        """Which API key this is."""
        with self._books() as (connection, context):
            name = controls.key_name(connection, context.id, key)
            return None if name is None else Actor(name, "key")

    def api_keys(self) -> list[KeyRow]:
        """Every API key there is or was, by name; never the key itself."""
        with self._books() as (connection, context):
            return controls.api_keys(connection, context.id)

    def new_api_key(self, name: str, *, actor: Actor = SYSTEM) -> str:
        """Makes an API key; shown once, kept as a hash. A key of the same name stops working."""
        with self._books() as (connection, context):
            controls.log(connection, context.id, actor.name, "key.made", name)
            return controls.new_api_key(connection, context.id, name)

    def revoke_api_key(self, name: str, *, actor: Actor = SYSTEM) -> None:
        """Ends an API key at once and for good. Raises NotFound if there is no valid one of that name."""
        with self._books() as (connection, context):
            if not controls.revoke_api_key(connection, context.id, name):
                remedy = "List them with `tieout key list`."
                raise NotFound(f"There is no valid key “{name}”", where="name", remedy=remedy)
            controls.log(connection, context.id, actor.name, "key.revoked", name)

    def people(self) -> list[PersonRow]:
        """Everybody who may log in, by name."""
        with self._books() as (connection, context):
            return controls.people(connection, context.id)

    def set_password(self, name: str, password: str, *, actor: Actor = SYSTEM) -> None:
        """Creates a person or changes their password."""
        with self._books() as (connection, context):
            controls.set_password(connection, context.id, name, password)
            controls.log(connection, context.id, actor.name, "password.set", name)

    def let_seller_in(self, party: str, name: str, password: str, *, actor: Actor = SYSTEM) -> None:
        """Lets somebody log in for a seller: they see that seller's books and nothing else.

        Raises Conflict if the name is somebody else's.
        """
        with self._books() as (connection, context):
            if not controls.add_seller_person(connection, context.id, name, password, party):
                raise Conflict(f"Somebody called “{name}” may log in already", where="name",
                               remedy="Choose another name, or remove that one first.")  # fmt: skip
            controls.log(connection, context.id, actor.name, "seller.let_in", name, party)

    def remove_person(self, name: str, *, actor: Actor = SYSTEM) -> None:
        """Lets a person in no more and ends their sessions; what they did stays in the audit log. Raises NotFound."""
        with self._books() as (connection, context):
            if not controls.remove_person(connection, context.id, name):
                remedy = "List them with `tieout user list`."
                raise NotFound(f"Nobody called “{name}” may log in", where="name", remedy=remedy)
            controls.log(connection, context.id, actor.name, "person.removed", name)
