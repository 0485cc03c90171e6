"""The errors a caller may see. Each says what is wrong, where, and what to do about it.

    TieoutError
    ├── SetupError        the installation is not ready              503
    ├── ConfigError       a setting, rule or mapping is wrong        400
    ├── NotFound          no such thing                              404
    ├── NotAllowed        not logged in, or not permitted            401
    ├── SignatureRefused  a webhook's signature does not verify      401
    ├── TooLarge          a body or file is over the limit           413
    ├── BadInput          what was sent cannot be understood         400
    │   ├── AmountError   an amount or currency is not acceptable    400
    │   └── ImportRefused lines of a file are not acceptable         400
    ├── PostingRefused    the ledger refused an entry                409
    │   ├── Conflict      same key, other content                    409
    │   ├── PeriodClosed  the day takes no entries                   409
    │   ├── PeriodNotReady a period cannot be closed for good yet    409
    │   ├── AccountUnfit  the account does not take the line         409
    │   └── Overdrawn     a guarded account has not that much        409
    ├── PayoutRefused     a payout cannot be made or moved that way  409
    ├── SealRefused       something cannot be sealed, or is not yet  409
    ├── ResolutionRefused a case cannot be resolved that way         409
    ├── SourceAway        a service that was asked does not answer   502
    └── Unanswered        whether it was done is not known           503

An odd *world* is not an error but a Case; a wrong *us* is an AssertionError. See DESIGN, "Three kinds of wrong".
"""

from typing import ClassVar


class TieoutError(Exception):
    """Something the caller can put right. `code` is stable and documented; `status` is its HTTP status."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"[{self.code}] {self.what}{place}.{remedy}"


class SetupError(TieoutError):
    """The installation is not ready: no database, no entity, or a version that does not fit. Run `tieout doctor`."""

    code = "setup"
    status = 503


class ConfigError(TieoutError):
    """A setting, a rule, a chart or a mapping does not make sense. The message names the file and the entry."""

    code = "config"


class NotFound(TieoutError):
    """Nothing has this id or name. Ids look like ent_12; names are listed by `tieout source list`."""

    code = "not_found"
    status = 404


class NotAllowed(TieoutError):
    """You are not logged in, or the key or session is not valid any more. Log in, or send an API key."""

    code = "not_allowed"
    status = 401


class SignatureRefused(TieoutError):
    """The signature of a webhook does not verify. Compare the secret here with the one at the provider."""

    code = "signature_refused"
    status = 401


class TooLarge(TieoutError):
    """The body or file is over the limit. Send it in parts, or raise TIEOUT_BODY_MAX_BYTES."""

    code = "too_large"
    status = 413


class BadInput(TieoutError):
    """What was sent cannot be understood: not the format it claims to be, or a field has no usable value."""

    code = "bad_input"


class SourceAway(TieoutError):
    """A service that was asked for data does not answer, or not in a way that can be used. Nothing was changed."""

    code = "source_away"
    status = 502


class AmountError(BadInput):
    """An amount or a currency is not acceptable. Amounts are whole minor units of an ISO 4217 currency."""

    code = "amount"


class ImportRefused(BadInput):
    """Lines of an imported file are not acceptable, and nothing of it was posted. A dry run shows all of them."""

    code = "import_refused"


class PostingRefused(TieoutError):
    """The ledger refused an entry: unbalanced, unknown or closed account, closed period. Nothing was written."""

    code = "posting_refused"
    status = 409


class Conflict(PostingRefused):
    """The same key came again with other content. Neither is overwritten; both are named."""

    code = "conflict"


class PeriodClosed(PostingRefused):
    """The day lies in a closed period of an area the entry touches. Post on an open day, or be allowed to."""

    code = "period_closed"


class PeriodNotReady(PostingRefused):
    """A period cannot be closed for good: something of it is open. See to that, or say why."""

    code = "period_not_ready"


class AccountUnfit(PostingRefused):
    """The account does not take the line: unknown, closed on that day, another currency, or other dimensions."""

    code = "account_unfit"


class Overdrawn(PostingRefused):
    """A guarded account, or a party on it, would be overdrawn. The message says account, limit and balance."""

    code = "overdrawn"


class PayoutRefused(TieoutError):
    """A payout cannot be made, approved or moved that way: a hold, a limit, an approval that is missing."""

    code = "payout_refused"
    status = 409


class SealRefused(TieoutError):
    """Something in the books cannot be sealed, or is not sealed yet. Run `tieout verify` to see what is wrong."""

    code = "seal_refused"
    status = 409


class ResolutionRefused(TieoutError):
    """The case cannot be resolved that way: already resolved, amounts do not sum, or no reason was given."""

    code = "resolution_refused"
    status = 409


class Unanswered(TieoutError):
    """The answer was lost with the database, or the server stopped. Send the same again: its key makes it post once."""

    code = "unanswered"
    status = 503
