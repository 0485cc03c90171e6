"""Why a row of two files that were compared is still open: a closed vocabulary. A row that ties has no reason."""

from collections.abc import Mapping

from tieout.model.vocabulary import Word


class OpenReason(Word):
    """Why a row is a case. LEFT is what was expected (the books), RIGHT what arrived (the gateway, the bank)."""

    DUPLICATE = "duplicate", "The same row was delivered again: same id, same content. The first one takes part."
    ID_CONFLICT = "id_conflict", "Two rows of one side have the same id and other content; neither takes part."
    CURRENCY_MISMATCH = "currency_mismatch", "The reference agrees, the currency does not."
    AMOUNT_OVER = "amount_over", "The reference agrees, and more arrived than was expected."
    AMOUNT_UNDER = "amount_under", "The reference agrees, and less arrived than was expected."
    PARTIAL = "partial", "Several rows with the reference arrived, and together they are less than was expected."
    FEE_UNEXPECTED = "fee_unexpected", "The difference is not the fee that the rules expect."
    FX_OUT_OF_BAND = "fx_out_of_band", "The difference is more than exchange rates explain under the rules."
    LATE_CORRECTION = "late_correction", "What the row refers to is tied already, so this is more than was due."
    TWIN_AMBIGUOUS = "twin_ambiguous", "Rows that nothing tells apart compete for fewer rows on the other side."
    MULTIPLE_CANDIDATES = "multiple_candidates", "Several rows of the other side are possible, and nothing decides."
    BATCH_COMPOSITION_MISSING = (
        "batch_composition_missing",
        "A payout arrived, and no row of the other side says that it is part of it.",
    )
    MISSING_KEY = "missing_key", "The row names nothing to look for, among rows that do."
    EXPECTED_NOT_ARRIVED = "expected_not_arrived", "Nothing on the right side answers to this row of the left side."
    ARRIVED_NOT_EXPECTED = "arrived_not_expected", "Nothing on the left side explains this row of the right side."


#: What a person does about it.
NEXT_STEP: Mapping[OpenReason, str] = {
    OpenReason.DUPLICATE: "Nothing, if the file was delivered twice. Two real sales have two ids.",
    OpenReason.ID_CONFLICT: "Find out at the source which of the two is right, and leave the other out.",
    OpenReason.CURRENCY_MISMATCH: "Check the currency at the source. Converted money needs a rule with rates.",
    OpenReason.AMOUNT_OVER: "Find what else was paid with this reference, or a row that is missing on the left.",
    OpenReason.AMOUNT_UNDER: "Find the fee, the refund or the part that is missing. A fee can be a rule.",
    OpenReason.PARTIAL: "Wait for the rest, or ask for it.",
    OpenReason.FEE_UNEXPECTED: "Compare with the contract; correct the rule, or claim the difference.",
    OpenReason.FX_OUT_OF_BAND: "Compare the rate with that of the day.",
    OpenReason.LATE_CORRECTION: "Book the correction, or ask why it came.",
    OpenReason.TWIN_AMBIGUOUS: "Choose one; which of them is the same to the sum, not to the source.",
    OpenReason.MULTIPLE_CANDIDATES: "Choose one. A reference on either side would decide it.",
    OpenReason.BATCH_COMPOSITION_MISSING: "Get the list of what the payout is made of.",
    OpenReason.MISSING_KEY: "Find the reference at the source.",
    OpenReason.EXPECTED_NOT_ARRIVED: "Wait until the day that is named, then ask for the money.",
    OpenReason.ARRIVED_NOT_EXPECTED: "Find what it is for; book it, or send it back.",
}
