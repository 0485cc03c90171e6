"""Payouts: the states of the design, no more and no fewer, and the ways between them."""

from tieout.model.payout import NEXT_STATES, PayoutState, PayoutVerdict


def test_the_states_of_the_design() -> None:
    assert [state.value for state in PayoutState] == [
        "draft", "pending_approval", "approved", "held", "queued", "submitted", "in_transit", "paid", "failed",
        "returned", "canceled",
    ]  # fmt: skip
    assert PayoutState("returned").meaning == "Came back after it was paid."


def test_every_state_can_be_reached_and_only_two_are_the_end() -> None:
    assert set(NEXT_STATES) == set(PayoutState)
    reached, frontier = {PayoutState.DRAFT}, {PayoutState.DRAFT}
    while frontier:
        frontier = {to for state in frontier for to in NEXT_STATES[state]} - reached
        reached |= frontier
    assert reached == set(PayoutState)
    assert {state for state, ways in NEXT_STATES.items() if not ways} == {PayoutState.RETURNED, PayoutState.CANCELED}


def test_money_may_come_back_after_it_was_paid_and_nothing_is_canceled_once_it_is_on_its_way() -> None:
    assert NEXT_STATES[PayoutState.PAID] == {PayoutState.RETURNED}
    sent = (PayoutState.SUBMITTED, PayoutState.IN_TRANSIT, PayoutState.PAID)
    assert [state for state in sent if PayoutState.CANCELED in NEXT_STATES[state]] == []


def test_every_verdict_is_a_sentence_for_the_seller() -> None:
    assert [word for word in PayoutVerdict if not (word.meaning[0].isupper() and word.meaning.endswith("."))] == []
