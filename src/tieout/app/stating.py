"""What sellers are told: statements, what a payout consists of, and why it differs from the one before."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.understanding import utc_now
from tieout.db.pool import Connection
from tieout.ledger import balance
from tieout.ledger.balance import Facet
from tieout.model.bucket import Bucket, Hold, HoldReason
from tieout.model.error import BadInput, NotFound
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.money import display
from tieout.model.owed import Bridge, Driver, PayoutMade, PayoutPart, SellerStatement
from tieout.model.payout import PayoutLine, PayoutState, PayoutVerdict
from tieout.model.seller import Seller
from tieout.reports import owed, seller_statement, statement_pdf
from tieout.reports.owed import KeyedLine, PaidLine, Standing
from tieout.settlement import driver
from tieout.settlement.bucket import in_force
from tieout.settlement.calendar import is_ach_day, is_target_day, next_payout_day
from tieout.settlement.payout import compose

#: Where a line's origin is looked for: what was sold, and what happened to it before it was released.
_RELEASED = "released"


class Stating(Opened):
    """The part of the face that tells sellers what they are owed and why."""

    def seller_balances(self, party: str, at: date | None = None) -> dict[str, dict[Bucket, int]]:
        """What a seller is owed at the end of a day, by currency and bucket. Raises NotFound."""
        with self._books() as (connection, context):
            _known(connection, context, party)
            return _balances(connection, context, party, at)

    def statements(
        self, party: str, since: date | None = None, until: date | None = None, *, currency: str | None = None
    ) -> list[SellerStatement]:
        """A seller's statements over some days, one for each of its currencies; last month if no day is given.

        Raises NotFound for a seller nobody knows, and BadInput for days that are no period.
        """
        days = _period(since, until)
        with self.database.unit() as connection:
            balance.hold_still(connection)
            context = LedgerContext(connection, self.settings)
            whose = (party, *_known(connection, context, party))
            return _statements(connection, context, whose, days, currency)

    def statement_pdf(self, party: str, currency: str, since: date | None = None, until: date | None = None) -> bytes:
        """A seller's statement in one currency as a PDF; the same books and days give the same bytes."""
        found = self.statements(party, since, until, currency=currency)
        if not found:
            raise NotFound(f"“{party}” was never owed anything in {currency}", where="currency",
                           remedy="Leave it out to see which there are.")  # fmt: skip
        return statement_pdf.pdf(found[0])

    def statement_csv(self, party: str, since: date | None = None, until: date | None = None) -> str:
        """A seller's statements as CSV."""
        return seller_statement.csv_text(self.statements(party, since, until))

    def every_statement(self, since: date, until: date) -> Iterator[tuple[SellerStatement, bytes]]:
        """The statements of all sellers over some days as of one moment, each with its PDF; read while printing."""
        days = _period(since, until)
        ahead: deque[SellerStatement] = deque()
        with self.database.unit() as connection:
            balance.hold_still(connection)
            context = LedgerContext(connection, self.settings)

            def each() -> Iterator[SellerStatement]:
                for party, profile in owed.profiles(connection, context.id).items():
                    for one in _statements(connection, context, (party, *_told(profile)), days):
                        ahead.append(one)
                        yield one

            for made in statement_pdf.printed(each()):
                yield ahead.popleft(), made

    def seller_payouts(
        self, party: str | None = None, *, limit: int = 100, before: int | None = None
    ) -> list[PayoutMade]:
        """Payouts, newest first, of one seller or of all; without their lines."""
        with self._books() as (connection, context):
            found = owed.payouts(connection, context.id, party=party, limit=limit, before=before)
            return [payout for _, payout in found]

    def explain_payout(self, payout: str) -> PayoutMade:
        """A payout with its lines, each by what it consists of. Raises NotFound."""
        with self._books() as (connection, context):
            return _made(connection, context, *_payout(connection, context, payout))

    def payout_bridge(self, payout: str, than: str | None = None) -> Bridge:
        """Why a payout differs from another of the same seller and currency; from the one before it if none is named.

        Raises NotFound if there is none before it, and BadInput for payouts that cannot be compared.
        """
        with self._books() as (connection, context):
            number, later = _payout(connection, context, payout)
            if than is not None:
                earlier = _payout(connection, context, than)
            else:
                found = owed.payouts(
                    connection, context.id, party=later.party, before=number, currency=later.currency, arriving=True,
                    limit=1,
                )  # fmt: skip
                if not found:
                    remedy = "Explain it by itself."
                    raise NotFound(f"{later.payout} is the seller's first payout", where="payout", remedy=remedy)
                earlier = found[0]
            if (earlier[1].party, earlier[1].currency) != (later.party, later.currency):
                remedy = "Compare payouts of one seller in one currency."
                raise BadInput("These payouts cannot be compared", where="than", remedy=remedy)
            return driver.bridge(_made(connection, context, *earlier), _made(connection, context, number, later))


def _period(since: date | None, until: date | None) -> tuple[date, date]:
    today = utc_now().date()
    last = until or (today.replace(day=1) - timedelta(days=1) if since is None else today)
    first = since or last.replace(day=1)
    if first > last:
        raise BadInput(f"{first} is after {last}", where="since", remedy="Name the first day and then the last.")
    return first, last


def _known(connection: Connection, context: LedgerContext, party: str) -> tuple[str, Seller | None, bool]:
    """A seller's name, its profile and whether its account waits. Raises NotFound if the books never saw it."""
    found = owed.profiles(connection, context.id, [party]).get(party)
    if found is not None:
        return _told(found)
    if not owed.currencies(connection, context.id, party):
        raise NotFound(f"There is no seller “{party:.80}”", where="seller", remedy="List them with `tieout sellers`.")
    return party, None, False


def _told(found: owed.Profile) -> tuple[str, Seller, bool]:
    return found.seller.legal_name, found.seller, found.account_waits


def _balances(
    connection: Connection, context: LedgerContext, party: str, at: date | None
) -> dict[str, dict[Bucket, int]]:
    buckets = {bucket.role: bucket for bucket in Bucket}
    places = {code: buckets[account.role] for code, account in context.accounts.items() if account.role in buckets}
    found: dict[str, dict[Bucket, int]] = {}
    for one in balance.sums(connection, context.id, at=at, accounts=list(places), facet=Facet(party, party=True)):
        own = found.setdefault(one.currency, {})
        own[places[one.account]] = own.get(places[one.account], 0) - one.balance_minor
    return found


def _statements(
    connection: Connection,
    context: LedgerContext,
    whose: tuple[str, str, Seller | None, bool],
    days: tuple[date, date],
    currency: str | None = None,
) -> list[SellerStatement]:
    party, _, seller, _ = whose
    codes = owed.currencies(connection, context.id, party) or ([seller.currency] if seller else [])
    return [_statement(connection, context, whose, code, *days) for code in codes if currency in (None, code)]


def _statement(
    connection: Connection,
    context: LedgerContext,
    whose: tuple[str, str, Seller | None, bool],
    currency: str,
    first: date,
    last: date,
) -> SellerStatement:
    party, name, seller, waits = whose
    lines = owed.lines(connection, context.id, party, since=first, until=last, currency=currency)
    amounts = owed.amounts_of(connection, context.id, party, (keyed.key for keyed in lines))
    opening = _balances(connection, context, party, first - timedelta(days=1)).get(currency, {})
    closing = _balances(connection, context, party, last).get(currency, {})
    rows = seller_statement.rows_of_lines(lines, amounts)
    standing = owed.standing(connection, context.id, party, currency, last)
    holds = in_force(_holds(connection, context, party, last, waits=waits), party, last)
    on, minor, why = _expected(seller, currency, closing, standing, holds, last)
    return SellerStatement(
        context.entity.name, party, name, currency, first, last, seller_statement.buckets_of(opening, rows, closing),
        rows, seller_statement.withheld_of(standing, holds), on, minor, why,
    )  # fmt: skip


def _holds(connection: Connection, context: LedgerContext, party: str, day: date, *, waits: bool) -> list[Hold]:
    found = owed.holds(connection, context.id, party)
    if waits:
        ends = "Until it has cooled off and a second person has approved it."
        found.append(Hold(party, HoldReason.BANK_CHANGE, day, "tieout", ends))
    return found


def _expected(
    seller: Seller | None,
    currency: str,
    closing: Mapping[Bucket, int],
    standing: Sequence[Standing],
    holds: Sequence[Hold],
    last: date,
) -> tuple[date | None, int, str]:
    """The next payout if nothing else moves: its day, its amount, and why there is none."""
    if seller is None or seller.currency != currency:
        return None, 0, "" if seller is None else f"Payouts are made in {seller.currency}."
    day = next_payout_day(seller.schedule, last, is_ach_day if currency == "USD" else is_target_day)
    if day is None:
        return None, 0, "It is paid when it is asked for."
    freed = sum(one.amount_minor for one in standing if one.until is not None and one.until <= day
                and one.bucket is not Bucket.DISPUTE_HOLD)  # fmt: skip
    there = closing.get(Bucket.AVAILABLE, 0) + freed
    made = compose(seller, [PayoutLine("expected", there, "")], holds, day, name="expected")
    why = "" if made.verdict is PayoutVerdict.PAID else made.verdict.meaning
    return day, made.amount_minor, why


def _payout(connection: Connection, context: LedgerContext, payout: str) -> tuple[int, PayoutMade]:
    kind, number = parse_id(payout)
    found = owed.payouts(connection, context.id, number=number, limit=1) if kind is IdKind.PAYOUT else []
    if not found:
        remedy = "List a seller's with `tieout payouts`."
        raise NotFound(f"There is no payout “{payout:.40}”", where="payout", remedy=remedy)
    return found[0]


def payout_sentences(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    """A payout in a bookkeeper's words: its amount by drivers, and how it compares with the one before it."""
    found = owed.payouts(connection, context.id, number=number, limit=1)
    if not found:
        return None
    made = _made(connection, context, *found[0])

    def money(amount_minor: int) -> str:
        return f"{display(amount_minor, made.currency)} {made.currency}"

    lines = f"{len(made.parts)} line" if len(made.parts) == 1 else f"{len(made.parts)} lines"
    state = PayoutState(made.state).meaning
    sentences = [f"Payout of {money(made.amount_minor)} to {made.party}, to be made on {made.day}.", f"{state}"]
    sentences.append(f"It settles {lines}, and is exactly what they come to:")
    for which, amount in made.drivers_minor.items():
        if amount:
            sentences.append(f"{money(amount)}: {which.meaning}")
    earlier = owed.payouts(
        connection, context.id, party=made.party, before=number, currency=made.currency, arriving=True, limit=1
    )
    if earlier:
        change = made.amount_minor - earlier[0][1].amount_minor
        word = "more" if change >= 0 else "less"
        sentences.append(
            f"It is {money(abs(change))} {word} than {earlier[0][1].payout}: `tieout bridge {made.payout}` says why."
        )
    return sentences


def _made(connection: Connection, context: LedgerContext, number: int, payout: PayoutMade) -> PayoutMade:
    """A payout with its lines by drivers."""
    lines = owed.payout_lines(connection, context.id, number)
    origins = _origins(connection, context, payout, lines)
    keys = {line.key for line in lines} | {keyed.key for listed in origins.values() for keyed in listed}
    amounts = owed.amounts_of(connection, context.id, payout.party, keys)
    parts = tuple(_part(line, origins.get(line.reference, ()), amounts) for line in lines)
    return PayoutMade(
        payout.payout, payout.party, payout.currency, payout.day, payout.state, payout.amount_minor, parts
    )


def _origins(
    connection: Connection, context: LedgerContext, payout: PayoutMade, lines: Sequence[PaidLine]
) -> dict[str, list[KeyedLine]]:
    """What stood in pending before it was released, by sale."""
    sales = sorted({line.reference for line in lines if line.occasion == _RELEASED and line.reference})
    found: dict[str, list[KeyedLine]] = {}
    if sales:
        for keyed in owed.lines(
            connection, context.id, payout.party, currency=payout.currency, buckets=[Bucket.PENDING], items=sales
        ):
            found.setdefault(keyed.line.reference, []).append(keyed)
    return found


def _part(line: PaidLine, origins: Sequence[KeyedLine], amounts: owed.Amounts) -> PayoutPart:
    """A line with its drivers: of a release what came in before it, of anything else what its own entry is made of."""
    released = line.occasion == _RELEASED
    if released:
        behind = _added(_drivers(keyed, amounts) for keyed in origins if keyed.line.entry < line.entry)
    else:
        behind = driver.in_drivers([(line.occasion, amounts.get(line.key, {}))])
    found = driver.drivers_of(line.occasion, line.amount_minor, line.kept_minor if released else 0, behind)
    entry = public_id(IdKind.ENTRY, line.entry)
    return PayoutPart(
        f"{entry}/{line.line_no}", line.day, line.reference, seller_statement.words_of(line.occasion),
        line.amount_minor, found, entry,
    )  # fmt: skip


def _drivers(keyed: KeyedLine, amounts: owed.Amounts) -> Mapping[Driver, int]:
    """What a line in pending is made of; nothing if it is a release itself."""
    line = keyed.line
    if line.occasion == _RELEASED:
        return {}
    return driver.drivers_of(
        line.occasion, line.amount_minor, 0, driver.in_drivers([(line.occasion, amounts.get(keyed.key, {}))])
    )


def _added(found: Iterable[Mapping[Driver, int]]) -> dict[Driver, int]:
    sums: dict[Driver, int] = {}
    for one in found:
        for which, amount in one.items():
            sums[which] = sums.get(which, 0) + amount
    return sums
