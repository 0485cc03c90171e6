"""Errors: a stable code, an HTTP status, and a sentence with what, where and the remedy."""

import re

import pytest

from tieout.model import error
from tieout.model.error import AmountError, BadInput, Conflict, PostingRefused, TieoutError

EVERY = sorted(
    (c for c in vars(error).values() if isinstance(c, type) and issubclass(c, TieoutError) and c is not TieoutError),
    key=lambda c: c.__name__,
)


def test_the_sentence_says_what_where_and_the_remedy() -> None:
    full = PostingRefused("Entry “a” is refused", where="a", remedy="Balance it.")
    assert str(full) == "[posting_refused] Entry “a” is refused (a). Balance it."
    assert (full.what, full.where, full.remedy) == ("Entry “a” is refused", "a", "Balance it.")
    assert str(BadInput("No")) == "[bad_input] No."


def test_codes_are_unique_and_stable() -> None:
    assert {c.__name__: (c.code, c.status) for c in EVERY} == {
        "AccountUnfit": ("account_unfit", 409),
        "AmountError": ("amount", 400),
        "BadInput": ("bad_input", 400),
        "ConfigError": ("config", 400),
        "Conflict": ("conflict", 409),
        "ImportRefused": ("import_refused", 400),
        "NotAllowed": ("not_allowed", 401),
        "NotFound": ("not_found", 404),
        "Overdrawn": ("overdrawn", 409),
        "PayoutRefused": ("payout_refused", 409),
        "PeriodClosed": ("period_closed", 409),
        "PeriodNotReady": ("period_not_ready", 409),
        "PostingRefused": ("posting_refused", 409),
        "ResolutionRefused": ("resolution_refused", 409),
        "SealRefused": ("seal_refused", 409),
        "SetupError": ("setup", 503),
        "SignatureRefused": ("signature_refused", 401),
        "SourceAway": ("source_away", 502),
        "TooLarge": ("too_large", 413),
        "Unanswered": ("unanswered", 503),
    }


def test_who_catches_the_kind_catches_the_special_case() -> None:
    assert issubclass(Conflict, PostingRefused)
    assert issubclass(AmountError, BadInput)


@pytest.mark.parametrize("kind", EVERY)
def test_the_tree_in_the_docstring_is_the_tree(kind: type[TieoutError]) -> None:
    assert re.search(rf"\b{kind.__name__}\b.* {kind.status}$", error.__doc__ or "", re.MULTILINE)
