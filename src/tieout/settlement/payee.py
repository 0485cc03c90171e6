"""Where a seller may be paid: an account that exists as far as its own digits say."""

import schwifty
from schwifty.exceptions import SchwiftyException

from tieout.model.error import BadInput
from tieout.model.seller import PayoutAccount
from tieout.settlement.instruction import is_routing


def checked(account: PayoutAccount, party: str) -> PayoutAccount:
    """The account, its IBAN and BIC without blanks. Raises BadInput for one that cannot be paid to."""
    where = f"account of {party}"
    if not account.holder.strip():
        raise BadInput("The account names no holder", where=where, remedy="Say whose account it is.")
    ways = [bool(account.iban), bool(account.routing or account.number), bool(account.provider)]
    if sum(ways) != 1:
        remedy = "Give an IBAN, or a routing and an account number, or a provider and its account."
        raise BadInput("An account is one of three kinds", where=where, remedy=remedy)
    if account.iban:
        return PayoutAccount(account.holder.strip(), _iban(account.iban, where), _bic(account.bic, where))
    if account.provider and not account.provider_account:
        raise BadInput("The provider's account is missing", where=where, remedy="Give its id at the provider.")
    if account.routing or account.number:
        if not is_routing(account.routing):
            raise BadInput(f"“{account.routing:.20}” is no routing number", where=where, remedy="Ask the seller again.")
        if not (account.number.isascii() and account.number.isalnum() and len(account.number) <= 17):
            raise BadInput("The account number is missing or too long", where=where, remedy="Ask the seller again.")
    return account


def _iban(text: str, where: str) -> str:
    try:
        return str(schwifty.IBAN(text, validate_bban=False).compact)
    except (SchwiftyException, ValueError) as error:
        raise BadInput(f"“{text:.40}” is no IBAN: {error}", where=where, remedy="Ask the seller again.") from None


def _bic(text: str, where: str) -> str:
    try:
        return str(schwifty.BIC(text).compact) if text else ""
    except (SchwiftyException, ValueError) as error:
        raise BadInput(f"“{text:.20}” is no BIC: {error}", where=where, remedy="Ask the seller again.") from None
