"""Payouts: the states money goes through between a balance and a bank account."""

from tieout.model.vocabulary import Word


class PayoutState(Word):
    """States of a payout, ours to sellers and the gateway's to us. RETURNED is reachable from PAID."""

    DRAFT = "draft", "Calculated, not yet submitted for approval."
    PENDING_APPROVAL = "pending_approval", "Waits for a second person."
    APPROVED = "approved", "May be sent."
    HELD = "held", "Stopped for a reason that is shown."
    QUEUED = "queued", "Handed to the sender."
    SUBMITTED = "submitted", "Given to the bank or provider."
    IN_TRANSIT = "in_transit", "On its way."
    PAID = "paid", "Reported as paid."
    FAILED = "failed", "Did not arrive."
    RETURNED = "returned", "Came back after it was paid."
    CANCELED = "canceled", "Withdrawn before it was sent."
