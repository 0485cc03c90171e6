"""Acts and sales told directly: goodwill, adjustments, fees and write-offs, and sales no shop or gateway tells of."""

from datetime import UTC, datetime, time

import msgspec

from tieout.app import owing
from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.selling import balance_of
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.bucket import Bucket
from tieout.model.entity import Actor
from tieout.model.error import BadInput, Conflict, NotFound, PostingRefused
from tieout.model.money import display
from tieout.model.sale import Fact, FactKind
from tieout.settlement import acts, sellers
from tieout.settlement.act import Act, checked, needs_second, postings_of, sentence_of
from tieout.settlement.acts import ActRow
from tieout.settlement.journal import Occasion, Postings, Step, step

__all__ = ["Act", "ActRow", "Acting", "Fact", "FactKind"]
_DIRECT = frozenset(FactKind) - {FactKind.PLACED, FactKind.ADDED}


class Acting(Opened):
    """The part of the face where people act on sellers' balances, and tell of sales themselves."""

    def act(self, asked: Act, *, actor: Actor) -> ActRow:
        """Does something to a seller's balance or for a buyer. Over the limit of its kind it waits for another person.

        The same key again is the same act. Raises BadInput for one that makes no sense, Conflict for a key that is
        another act's.
        """
        act = checked(asked)
        with self._books() as (connection, context):
            if act.party is not None and not sellers.versions(connection, context.id, act.party):
                raise NotFound(f"There is no seller “{act.party}”", where="party", remedy="Add the seller.")
            if act.source:
                context.source(act.source)
            second = needs_second(act, owing.policy_of(connection, context))
            number = acts.add(connection, context.id, act, actor.name, needs_second=second)
            if number is None:
                (row,) = acts.acts(connection, context.id, key=act.key)
                if row.act != act:
                    raise Conflict(f"“{act.key}” is another act", where="key", remedy="Use a key of its own.")
                return row
            said = f"{act.step} {display(act.amount_minor, act.currency)} {act.currency}: {act.note}"
            controls.log(connection, context.id, actor.name, "seller.act", act.party or act.key, said)
            if not second:
                _book(connection, context, number, act, actor.name)
            return acts.acts(connection, context.id, numbers=[number])[0]

    def decide_act(self, number: int, *, approve: bool, reason: str, actor: Actor) -> ActRow:
        """A second person approves an act, which books it, or refuses it.

        Raises PostingRefused for whoever asked for it, Conflict if it has been decided or needs nobody.
        """
        if not reason.strip():
            raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
        with self._books() as (connection, context):
            found = acts.acts(connection, context.id, numbers=[number])
            if not found:
                raise NotFound(f"There is no act {number}", where="act", remedy="List what waits.")
            row = found[0]
            if row.asked_by == actor.name:
                raise PostingRefused(
                    f"{actor.name} asked for it, so somebody else must decide", where="approval",
                    remedy="Ask a second person.",
                )  # fmt: skip
            if not row.needs_second or not acts.decide(
                connection, context.id, number, actor.name, reason, approved=approve
            ):
                raise Conflict("It has been decided already", where=f"act {number}", remedy="Look at it.")
            if approve:
                _book(connection, context, number, row.act, row.asked_by)
            done = "seller.act_approved" if approve else "seller.act_refused"
            controls.log(connection, context.id, actor.name, done, f"act {number}", reason)
            return acts.acts(connection, context.id, numbers=[number])[0]

    def act_list(self, *, waiting: bool = False, limit: int = 200) -> list[ActRow]:
        """Acts, newest first: all, or those that wait for a second person."""
        with self._books() as (connection, context):
            return acts.acts(connection, context.id, waiting=waiting, limit=limit)

    def tell_sale(self, sale: str, *facts: Fact, actor: Actor) -> int:
        """Tells what happened to a sale that no shop and no gateway tells of; returns how many entries that made.

        The first capture carries the order. A fact told twice counts once, and they may come in any order: what
        follows the capture waits for it. Raises BadInput for a fact without its time zone, order or gateway.
        """
        name = sale if sale.startswith("order:") else f"order:{sale}"
        with self._books() as (connection, context):
            if not owing.is_marketplace(connection, context):
                raise BadInput("There are no sellers in these books", where="sale", remedy="Add a seller first.")
            for fact in facts:
                _check(context, fact)
            done = owing.tell(connection, context, [(name, fact) for fact in facts], actor.name)
            controls.log(connection, context.id, actor.name, "sale.told", name, ", ".join(f.kind.value for f in facts))
            return done.entries


def _check(context: LedgerContext, fact: Fact) -> None:
    where = f"fact {fact.key:.80}"
    if fact.kind not in _DIRECT:
        raise BadInput(f"“{fact.kind}” is told by a shop", where=where, remedy="Tell of the capture, with its order.")
    if fact.occurred_at.tzinfo is None or not fact.key.strip():
        raise BadInput("A fact has a key and a time with its zone", where=where, remedy="Add Z or an offset.")
    if fact.kind in (FactKind.CAPTURED, FactKind.REFUNDED, FactKind.DISPUTED) and not fact.source:
        raise BadInput("It moves a gateway's money and names none", where=where, remedy="Name the source.")
    if (fact.amount_minor or 0) < 0 or fact.fee_minor < 0:
        raise BadInput("An amount is negative", where=where, remedy="Give it as a positive amount.")
    if fact.source:
        context.source(fact.source)


def _book(connection: Connection, context: LedgerContext, number: int, act: Act, by: str) -> None:
    """The act's entry. What is written off is first shown as owed, in an entry of its own."""
    name = f"act:{number}"
    if act.step == Step.WRITTEN_OFF:
        assert act.party is not None, "a debt is a seller's"
        owed = {(o.bucket, o.currency): o.amount_minor for o in balance_of(connection, context, act.party, None)}
        if -owed.get((Bucket.AVAILABLE, act.currency), 0) < act.amount_minor:
            raise PostingRefused(
                f"{act.party} does not owe that much", where=name, remedy="Write off what is owed, or less."
            )
        shown = msgspec.structs.replace(act, step=Step.PRESENTED.value)
        _post(connection, context, f"{name}/presented", shown, step(Step.PRESENTED, {act.party: act.amount_minor}), by)
    _post(connection, context, name, act, postings_of(act, name), by)


def _post(connection: Connection, context: LedgerContext, name: str, act: Act, postings: Postings, by: str) -> None:
    at = datetime.combine(act.day, time(12), UTC)
    why = sentence_of(act)
    memo = f"{why.rstrip('.')} ({act.reason.value}): {act.note}"
    occasion = Occasion(act.step, why, f"settlement/{name}", memo, act.currency, act.day, at)
    rate = owing.rate_of(connection, context, act.currency, act.day)
    if rate is None:
        raise PostingRefused(
            f"No rate of {act.currency} is known for {act.day}", where=name, remedy="Import exchange rates."
        )
    item = act.sale or name.partition("/")[0]
    draft = owing.sale_entry(context, occasion, [(posting, act.source) for posting in postings], item, rate)
    ledger.post(connection, context.id, [msgspec.structs.replace(draft, actor=by)], context.accounts)
