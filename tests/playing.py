"""Plays sandbox worlds into an open installation, through the library's own doors but without a server."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from tieout.app import Settings, Tieout
from tieout.model.delivery import Receipt
from tieout.model.entity import Actor
from tieout.model.error import SignatureRefused
from tieout.sandbox import cast
from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.emission import Door, Emission
from tieout.sandbox.plan import Plan

ROBOT = Actor("robot", "key")


class Picture(Struct, frozen=True):
    """What the books say in the end, in a form that two installations can be compared by."""

    ledger_hash: str
    balances: dict[tuple[str, str], int]
    matches: list[tuple[str, str, int]]
    cases: list[tuple[str, str, int, str | None]]
    unexplained: dict[str, int]
    tied: bool
    parked: int


def open_books(url: str, home: Path, plan: Plan, chart: str = "marketplace") -> Tieout:
    """Opens the books of a world's company with its sources and exchange rates."""
    app = Tieout.open(Settings(home=home, database_url=url), connections_max=4)
    app.init("Clay & Loom GmbH", password="not-a-secret", chart=chart)
    for source in plan.sources:
        secrets = [] if source.connector == "camt" else [_secret(source.name)]
        app.add_source(source.name, source.connector, secrets=secrets, settings={"own_brands": [cast.OWN_BRAND]})
    app.import_rates(rates_xml(plan.facts.rates))
    return app


def _secret(source: str) -> str:
    return f"secret-of-{source}"


def send(app: Tieout, emission: Emission) -> Receipt:
    """Sends one message through its door; raises what the door raises."""
    now = datetime.now(UTC)
    if emission.door is Door.HOOK:
        headers = emission.headers_signed(_secret(emission.source), now)
        return app.receive_hook(emission.source, {k.lower(): v for k, v in headers.items()}, emission.body)
    parameters = {"topic": emission.topic, **emission.parameters} if emission.door is Door.OBJECTS else {}
    return app.receive_objects(emission.source, parameters, emission.body, actor=ROBOT)


def send_all(app: Tieout, emissions: Sequence[Emission]) -> None:
    """Sends messages in their order; forged ones are refused, as they must be."""
    for emission in emissions:
        with suppress(SignatureRefused):
            send(app, emission)


def work_off(app: Tieout) -> None:
    """Works until nothing waits."""
    while app.work().deliveries:
        pass
    app.sweep()


def play(app: Tieout, plan: Plan, emissions: Sequence[Emission] | None = None) -> Picture:
    """Plays a whole world and reconciles as of its last day."""
    send_all(app, plan.emissions if emissions is None else emissions)
    work_off(app)
    return picture(app, last_day(plan))


def last_day(plan: Plan) -> date:
    """The last day of a world's month."""
    return (plan.facts.end - timedelta(days=1)).date()


def picture(app: Tieout, as_of: date) -> Picture:
    """Reconciles and takes the picture."""
    app.reconcile(as_of)
    proof = app.proof()
    found = app.match_list(limit=500)
    return Picture(
        ledger_hash=app.ledger_hash(),
        balances={(b.account, b.currency): b.balance_minor for b in app.balances() if b.balance_minor},
        matches=sorted(_match(view.match.draft) for view in found),
        cases=sorted(_case(view.case.draft) for view in app.case_list(limit=500)),
        unexplained=proof.unexplained_minor,
        tied=proof.tied,
        parked=proof.events_parked,
    )


def _match(draft: Any) -> tuple[str, str, int]:
    return (draft.pass_id, draft.key, sum(a.amount_minor for a in draft.allocations if a.amount_minor > 0))


def _case(draft: Any) -> tuple[str, str, int, str | None]:
    return (draft.reason.value, draft.subject, draft.amount_minor, draft.currency)
