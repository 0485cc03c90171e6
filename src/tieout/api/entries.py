"""Entries of one's own: one at a time, or many, all or none, or each by itself."""

from litestar import post
from litestar.params import JSONBody

from tieout.api.answers import Outcome, Outcomes, Posted
from tieout.api.errors import problem_of
from tieout.api.strict import TAKES, Strict
from tieout.app.drafting import NewEntries, NewEntry, check_count, draft_of, drafts_of
from tieout.app.views import Booked
from tieout.console.query import Acting, Hub
from tieout.model.entry import EntryDraft
from tieout.model.error import BadInput, TieoutError


@post(
    "/entry", status_code=200, sync_to_thread=True, summary="Post one entry", tags=["Books"], request_class=Strict,
    opt={TAKES: NewEntry},
)  # fmt: skip
def post_entry(tieout: Hub, actor: Acting, data: JSONBody[NewEntry]) -> Booked:
    """Posts one balanced entry of one's own; thousands of callers a second may do so at once.

    They are committed together, and each gets its own answer. Sent again, the same key and content is answered with
    `repeated`; other content is a conflict (409). After an `unanswered` (503), send it again.
    """
    return tieout.post_one(draft_of(data, tieout.base_currency, actor.name))


@post(
    "/entries", status_code=200, sync_to_thread=True, summary="Post entries", tags=["Books"], request_class=Strict,
    opt={TAKES: NewEntries},
)  # fmt: skip
def post_entries(tieout: Hub, actor: Acting, data: JSONBody[NewEntries]) -> Posted:
    """Posts balanced entries of one's own, all or none. A key seen before with other content is a conflict (409)."""
    return Posted(tieout.post(drafts_of(data, tieout.base_currency, actor.name), actor=actor))


@post(
    "/entries/each", status_code=200, sync_to_thread=True, summary="Post entries, each by itself", tags=["Books"],
    request_class=Strict, opt={TAKES: NewEntries},
)  # fmt: skip
def post_each_entry(tieout: Hub, actor: Acting, data: JSONBody[NewEntries]) -> Outcomes:
    """Posts every entry that holds and answers for each, in order, with its id or with what is wrong with it.

    Always 200 once the entries themselves could be read; look at each result.
    """
    base_currency = tieout.base_currency
    check_count(data)
    drafts: dict[int, EntryDraft] = {}
    outcomes: dict[int, Booked | TieoutError] = {}
    for place, sent in enumerate(data.entries):
        try:
            drafts[place] = draft_of(sent, base_currency, actor.name, f"entries[{place}].key")
        except BadInput as error:
            outcomes[place] = error
    outcomes |= zip(drafts, tieout.post_each(list(drafts.values()), actor=actor), strict=True)
    return Outcomes([_outcome(sent.key, outcomes[place]) for place, sent in enumerate(data.entries)])


def _outcome(key: str, outcome: Booked | TieoutError) -> Outcome:
    if isinstance(outcome, TieoutError):
        return Outcome(key, problem=problem_of(outcome))
    return Outcome(key, outcome.entry, outcome.repeated)


HANDLERS = (post_entry, post_entries, post_each_entry)
