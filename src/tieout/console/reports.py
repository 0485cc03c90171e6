"""Reports on what sellers are owed, each with the figure of the ledger it ties to."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tieout.console.portal import period_of
from tieout.console.query import Hub, Query
from tieout.console.rendering import show
from tieout.model.entity import Actor
from tieout.model.report import GROUPINGS, REPORTS


@get("/reports", sync_to_thread=True)
def reports(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """What reports there are."""
    return show(request, tieout, "reports.html", reports=REPORTS)


@get("/reports/{name:str}", sync_to_thread=True)
def report(request: Request[Actor, Any, Any], tieout: Hub, name: FromPath[str]) -> Response[str]:
    """One report over some days."""
    query = Query(request)
    since, until = period_of(query)
    by = query.choice("by", GROUPINGS) or GROUPINGS[0]
    found = tieout.report(name, since, until, by=by)
    return show(request, tieout, "report.html", report=found, since=since, until=until, by=by, groupings=GROUPINGS)


HANDLERS = (reports, report)
