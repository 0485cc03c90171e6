"""What the faces show: plain frozen structs, the same for the console, the API and the command line."""

from datetime import date, datetime

from msgspec import Struct

from tieout.model.case import Action, Case
from tieout.model.entry import Entry, EntryDraft
from tieout.model.event import EventDraft
from tieout.model.match import Match, NamedItem, OpenItem
from tieout.model.rate import EntryRate
from tieout.model.trace import Correction


class LineView(Struct, frozen=True):
    """An entry's line with its account's name."""

    account: str
    account_name: str
    currency: str
    amount_minor: int
    base_minor: int
    party: str | None
    item: str | None
    dimensions: dict[str, str]


class EntryView(Struct, frozen=True):
    """An entry for people: lines with account names, public ids of it, its event and corrections, and its rates."""

    id: str
    event: str | None
    entry: Entry
    lines: tuple[LineView, ...]
    rates: tuple[EntryRate, ...] = ()
    links: tuple[Correction, ...] = ()


class EventView(Struct, frozen=True):
    """An event with where it stands and what became of it."""

    id: str
    source: str
    draft: EventDraft
    recorded_at: datetime
    state: str
    waits_for: tuple[str, ...]
    deadline: datetime | None
    deliveries: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


class DeliveryView(Struct, frozen=True):
    """A delivery; `body` is its text, or a note that it is withheld."""

    id: str
    source: str
    channel: str
    topic: str
    identity: str
    verdict: str
    verdict_reason: str
    received_at: datetime
    size: int
    work: str
    headers: dict[str, str] = {}
    body: str = ""
    events: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class HistoryView(Struct, frozen=True):
    """One line of a case's history."""

    what: str
    detail: str
    actor: str
    at: datetime


class CaseView(Struct, frozen=True):
    """A case with all a person needs to decide: what it is about, the open items, what can be done, its history."""

    id: str
    case: Case
    age_days: int
    items: tuple[OpenItem, ...] = ()
    actions: tuple[Action, ...] = ()
    history: tuple[HistoryView, ...] = ()


class Preview(Struct, frozen=True):
    """What a resolution would do: the entry it would post, if any, and the items it would tie."""

    sentence: str
    entries: tuple[EntryDraft, ...] = ()
    items: tuple[OpenItem, ...] = ()


class ItemView(Struct, frozen=True):
    """An open item with the name the last run gave it."""

    id: str
    item: OpenItem
    entry: str
    named: NamedItem | None
    case: str | None


class MatchView(Struct, frozen=True):
    """A match with its items."""

    id: str
    match: Match
    items: tuple[OpenItem, ...]


class RunReport(Struct, frozen=True):
    """What a reconciliation run did. `looked_at`: how many items the passes were given, tied ones among them."""

    run: str
    as_of: date
    items: int
    matches: int
    cases_opened: int
    cases_settled: int
    result_hash: str
    looked_at: int = 0


class ImportReport(Struct, frozen=True):
    """What an imported file came to."""

    delivery: str
    verdict: str
    reason: str
    events: int
    entries: int
    notes: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()


class InitReport(Struct, frozen=True):
    """The result of opening books; password and key are shown once and kept only as hashes."""

    entity: str
    user: str
    password: str
    api_key: str


class Finding(Struct, frozen=True):
    """One thing `doctor` looked at: whether it is right, and if not, why and the remedy."""

    what: str
    ok: bool
    detail: str
    remedy: str = ""


class AccountView(Struct, frozen=True):
    """An account with its balance per currency, and what each is carried at in base currency."""

    code: str
    name: str
    type: str
    role: str
    clearing: bool
    balances: dict[str, int]
    worth: dict[str, int] = {}


class Movement(Struct, frozen=True):
    """One step from gross to net in a period: a label, minor units of one currency, and the account roles behind it."""

    label: str
    amount_minor: int
    roles: tuple[str, ...]


class Explanation(Struct, frozen=True):
    """An id in a bookkeeper's words: what it is, why it is so, and what it waits for."""

    id: str
    title: str
    sentences: tuple[str, ...]


class Expected(Struct, frozen=True):
    """Something that will arrive: what, when, how much (minor units)."""

    label: str
    item: str
    due: date | None
    amount_minor: int
    currency: str


class Remeasured(Struct, frozen=True):
    """A foreign balance as it is carried in base currency, and what it is worth at the closing rate."""

    account: str
    name: str
    currency: str
    balance_minor: int
    carried_minor: int
    rate: EntryRate
    worth_minor: int
    difference_minor: int


class Revaluation(Struct, frozen=True):
    """What a revaluation found, and the entries it made: those of the day, and those that take them back after."""

    at: date
    balances: tuple[Remeasured, ...]
    entries: tuple[str, ...] = ()
    reversals: tuple[str, ...] = ()


class StandsAt(Struct, frozen=True):
    """What an account stands at before and after an import, in whole minor units of one currency."""

    account: str
    currency: str
    before_minor: int
    after_minor: int


class RefusalView(Struct, frozen=True):
    """Why a line of a file is not taken; line 0 is the whole file."""

    file: str
    line: int
    what: str
    remedy: str


class JournalReport(Struct, frozen=True):
    """What an imported journal comes to, or would. If anything is refused, nothing is posted; nor in a dry run."""

    file: str
    dry_run: bool
    entries: int
    new: int
    repeated: int
    balances: tuple[StandsAt, ...]
    refusals: tuple[RefusalView, ...]
    notes: tuple[str, ...]


class Booked(Struct, frozen=True):
    """The id of an entry that is in the books; `repeated` if it was there before, with the same content."""

    entry: str
    repeated: bool
