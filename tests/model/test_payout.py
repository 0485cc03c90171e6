"""Payouts: the states of the design, no more and no fewer."""

from tieout.model.payout import PayoutState


def test_the_states_of_the_design() -> None:
    assert [state.value for state in PayoutState] == [
        "draft", "pending_approval", "approved", "held", "queued", "submitted", "in_transit", "paid", "failed",
        "returned", "canceled",
    ]  # fmt: skip
    assert PayoutState("returned").meaning == "Came back after it was paid."
