"""What a bookkeeper who knows the causes would say of a row: the dispositions admitted for every cause.

Written down before anything was measured. The first of a tuple is the primary one, the class a row counts under. Words:
`match` is posted with exactly the true partners; `propose` is put before a person with its true partner; `not_arrived`
becomes `expected_not_arrived` up to the agreed days and `missing` after them; the others are reason codes.
"""

from dataclasses import dataclass

MATCH, PROPOSE, NOT_ARRIVED = "match", "propose", "not_arrived"
TIMING, MISSING = "expected_not_arrived", "missing"
AMBIGUOUS = ("twin_ambiguous", "multiple_candidates", PROPOSE)
UNDER = ("amount_under", "amount_over", PROPOSE, "fee_unexpected", "partial")
BROKEN = ("amount_under", "amount_over", PROPOSE, "partial", "batch_composition_missing", "fee_unexpected")
STRANGER = ("arrived_not_expected",)
GONE = (NOT_ARRIVED, "statement_gap")


@dataclass(frozen=True, slots=True)
class Cause:
    """What is odd, in a sentence; what is admitted per side; `posts`: whether its allocations may be posted."""

    sentence: str
    left: tuple[str, ...] = (MATCH,)
    right: tuple[str, ...] = (MATCH,)
    posts: bool = True


_HARD = (MATCH, *AMBIGUOUS)
_SIGN = ("sign_error", "amount_under", "amount_over", PROPOSE, "partial")
_UNIT = ("unit_error", "amount_under", "amount_over", PROPOSE, "partial", "fee_unexpected")
_CURRENCY = ("currency_mismatch", "fx_out_of_band", PROPOSE)
_CONFLICT = ("id_conflict", "late_correction", "content_changed", "duplicate", "amount_over", "amount_under", PROPOSE)

#: Where the reference names the partner.
KEYED: dict[str, Cause] = {
    "plain": Cause("Nothing is odd."),
    "lag": Cause("It came late, and its reference says what it is."),
    "day_shift": Cause("One side's clock is in another zone: a day off."),
    "out_of_order": Cause("Its file came days before or after its neighbours'."),
    "twin": Cause("Another sale of the same amount on the same day; the references differ."),
    "truncated": Cause("The reference is cut to 16, 18 or 35 characters, or stands in noise."),
    "within": Cause("The amounts differ by no more than the rules allow."),
    "netted": Cause("The bank took one of its known charges, which the rules name."),
    "merged": Cause("Several payouts came in one line that names them all."),
    "merged_first": Cause("Several payouts came in one line that names the first.", (*_HARD, *UNDER), (*_HARD, *UNDER)),
    "split": Cause("The payout was over the limit and came in several transfers."),
    "returned": Cause("The transfer came, went back and came again: three lines, one payout."),
    "corrected": Cause("The gateway corrected its line by a second one, and the shop knows."),
    "uncorrected": Cause(
        "The gateway corrected its line by a second one, and the shop has not heard.",
        ("late_correction", MATCH, *UNDER),
        ("late_correction", MATCH, *UNDER),
    ),
    "null": Cause("One side lost the reference.", (*_HARD, "missing_key"), (*_HARD, "missing_key")),
    "misread": Cause("A character of the reference was misread.", _HARD, _HARD),
    "reassigned": Cause(
        "The line carries the reference of another sale.",
        (*_HARD, NOT_ARRIVED, *UNDER),
        (*_HARD, "arrived_not_expected", "late_correction", *UNDER),
    ),
    "robbed": Cause(
        "A stranger's line carries this sale's reference too.",
        (*_HARD, *UNDER, "late_correction"),
        (*_HARD, *UNDER, "late_correction"),
    ),
    "over": Cause("The amounts differ by more than the rules allow.", UNDER, UNDER, posts=False),
    "overcharged": Cause(
        "More was kept than was agreed.", ("fee_unexpected", *UNDER), ("fee_unexpected", *UNDER), posts=False
    ),
    "sign": Cause("One side has the sign wrong.", _SIGN, _SIGN, posts=False),
    "unit": Cause("One side wrote minor units where major ones belong, or the other way.", _UNIT, _UNIT, posts=False),
    "currency": Cause("One side names another currency.", _CURRENCY, _CURRENCY, posts=False),
    "abroad": Cause("Converted on the way, and the rules know no rates.", _CURRENCY, _CURRENCY, posts=False),
    "lost_right": Cause("The right side never got its row.", GONE, ()),
    "lost_left": Cause("The left side never got its row.", (), STRANGER),
    "gap": Cause("The right side's file lacks whole days.", GONE, ()),
    "stranger": Cause("Nothing on the left caused it: a dispute, an adjustment.", (), (*STRANGER, "missing_key")),
    "duplicate": Cause("The row was delivered twice under one id; the first counts."),
    "replayed": Cause("A whole file was delivered again; the first delivery counts."),
    "conflict": Cause(
        "The row came again under its id, with another amount.", (MATCH, *_CONFLICT), (MATCH, *_CONFLICT)
    ),
    "partly": Cause(
        "Only a part has come by now.", ("partial", *UNDER, NOT_ARRIVED), ("partial", *UNDER, "arrived_not_expected")
    ),
    "broken": Cause("The lines do not add up to the payout.", BROKEN, BROKEN, posts=False),
    "unpaid": Cause("Not paid out yet.", (NOT_ARRIVED, "missing_key"), ()),
    "payout_lost": Cause("The payout is not on the right side.", (*GONE, "batch_composition_missing"), ()),
    "lines_lost": Cause("None of the payout's lines came.", (), ("batch_composition_missing", *STRANGER)),
}

_NOWHERE_LEFT = (NOT_ARRIVED, *UNDER)
_NOWHERE_RIGHT = (*STRANGER, *UNDER, "batch_composition_missing")
_LONE = {
    "sign": Cause(KEYED["sign"].sentence, (*_NOWHERE_LEFT, "sign_error"), (*_NOWHERE_RIGHT, "sign_error"), posts=False),
    "unit": Cause(KEYED["unit"].sentence, (*_NOWHERE_LEFT, "unit_error"), (*_NOWHERE_RIGHT, "unit_error"), posts=False),
    "currency": Cause(
        KEYED["currency"].sentence, (*_NOWHERE_LEFT, *_CURRENCY), (*_NOWHERE_RIGHT, *_CURRENCY), posts=False
    ),
}

#: Where nothing names the partner: what differs beyond the rules cannot be told from what is lost.
UNKEYED: dict[str, Cause] = {
    **KEYED,
    **_LONE,
    "abroad": Cause(KEYED["abroad"].sentence, _LONE["currency"].left, _LONE["currency"].right, posts=False),
    "over": Cause(KEYED["over"].sentence, _NOWHERE_LEFT, _NOWHERE_RIGHT, posts=False),
    "overcharged": Cause(KEYED["overcharged"].sentence, _NOWHERE_LEFT, _NOWHERE_RIGHT, posts=False),
    "lag": Cause("It came later than agreed.", (NOT_ARRIVED, *_HARD), (*STRANGER, *_HARD)),
    "netted": Cause(KEYED["netted"].sentence, _HARD, _HARD),
    "merged": Cause("Several payouts came in one line.", _HARD, _HARD),
    "merged_first": Cause("Several payouts came in one line.", _HARD, _HARD),
    "split": Cause("Over the limit: several transfers.", (*_HARD, "partial"), (*_HARD, "partial")),
    "returned": Cause(KEYED["returned"].sentence, _HARD, (*_HARD, *STRANGER)),
    "corrected": Cause(KEYED["corrected"].sentence, (*_HARD, *_NOWHERE_LEFT), (*_HARD, *_NOWHERE_RIGHT)),
    "uncorrected": Cause(KEYED["uncorrected"].sentence, _HARD, (*_HARD, *STRANGER, "late_correction")),
    "partly": Cause(KEYED["partly"].sentence, (NOT_ARRIVED, "partial", *UNDER), (*STRANGER, "partial", *UNDER)),
    "broken": Cause(
        KEYED["broken"].sentence,
        (*BROKEN, NOT_ARRIVED, "missing_key", *AMBIGUOUS),
        (*BROKEN, *STRANGER, *AMBIGUOUS),
        posts=False,
    ),
    "payout_lost": Cause(KEYED["payout_lost"].sentence, (*GONE, "missing_key", *AMBIGUOUS), ()),
}
