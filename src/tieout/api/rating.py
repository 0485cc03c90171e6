"""Exchange rates and what they make of the books: policy, fetching, revaluation."""

from datetime import date
from typing import Annotated

from litestar import get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Struct

from tieout.api.answers import RatesImported
from tieout.app.views import Revaluation
from tieout.console.query import Acting, Hub
from tieout.model.rate import MissingRate, RatePolicy


class PolicyChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the policy for rates; what is left out stays."""

    missing: MissingRate | None = None
    age_days: int | None = None
    provider: str | None = None


class ToRevalue(Struct, frozen=True, forbid_unknown_fields=True):
    """The day whose closing rate is taken."""

    at: date


@get("/rates/policy", sync_to_thread=True, summary="Policy for rates", tags=["Books"])
def rate_policy(tieout: Hub) -> RatePolicy:
    """Whose rates the books are kept at, and what happens while one is missing."""
    return tieout.rate_policy()


@post("/rates/policy", status_code=200, sync_to_thread=True, summary="Change the policy for rates", tags=["Books"])
def set_rate_policy(tieout: Hub, actor: Acting, data: JSONBody[PolicyChange]) -> RatePolicy:
    """Changes the policy for what is booked from now on, and books what waited and need not wait any more."""
    return tieout.set_rate_policy(
        missing=data.missing, age_days=data.age_days, provider=data.provider, actor=actor
    )  # fmt: skip


@post("/rates/fetch", status_code=200, sync_to_thread=True, summary="Fetch rates", tags=["Books"])
def fetch_rates(
    tieout: Hub,
    actor: Acting,
    provider: Annotated[
        str | None, QueryParameter(description="From whom; from whom the books are kept at if left out.")
    ] = None,
) -> RatesImported:
    """Fetches the newest rates over HTTP and books what waited for them."""
    return RatesImported(tieout.fetch_rates(provider, actor=actor))


@get("/revaluations", sync_to_thread=True, summary="Preview a revaluation", tags=["Books"])
def preview_revaluation(
    tieout: Hub, at: Annotated[date, QueryParameter(description="The day whose closing rate is taken.")]
) -> Revaluation:
    """What foreign balances are carried at, and what they are worth at the closing rate of a day; books nothing."""
    return tieout.revalue(at, preview=True)


@post("/revaluations", status_code=200, sync_to_thread=True, summary="Revalue", tags=["Books"])
def revalue(tieout: Hub, actor: Acting, data: JSONBody[ToRevalue]) -> Revaluation:
    """Books the difference on the day and takes it back on the next; once more for a day, only what has changed."""
    return tieout.revalue(data.at, actor=actor)


HANDLERS = (rate_policy, set_rate_policy, fetch_rates, preview_revaluation, revalue)
