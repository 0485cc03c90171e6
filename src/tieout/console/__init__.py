"""The console: pages for people. Made on the server, readable without script, every number a link to what it sums."""

from litestar import Router

from tieout.console import (
    accounts,
    exceptions,
    flow,
    items,
    journal,
    matches,
    payouts,
    portal,
    reports,
    ruling,
    session,
    static,
    today,
    trace,
)


def router() -> Router:
    """All pages. `page` marks them for people: errors are pages too, and whoever is not logged in is asked to."""
    handlers = [
        *today.HANDLERS, *journal.HANDLERS, *accounts.HANDLERS, *items.HANDLERS, *exceptions.HANDLERS,
        *trace.HANDLERS, *flow.HANDLERS, *matches.HANDLERS, *ruling.HANDLERS, *payouts.HANDLERS,
        *portal.HANDLERS, *reports.HANDLERS, session.login_page, session.log_in,
        session.log_out, static.serve,
    ]  # fmt: skip
    return Router("/", route_handlers=handlers, opt={"page": True}, include_in_schema=False)
