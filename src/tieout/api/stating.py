"""What sellers are told, and the reports on all of them, as JSON, CSV and PDF."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from tieout.api.exports import csv_rows
from tieout.api.reading import Since, Until
from tieout.console.portal import CSV, PDF
from tieout.console.query import Hub
from tieout.model.money import Money, decimal_text
from tieout.model.owed import Bridge, PayoutMade, SellerStatement
from tieout.model.report import Cell, Report

OfCurrency = Annotated[str | None, QueryParameter(description="Only in this currency.")]
InCurrency = Annotated[str, QueryParameter(description="Which currency the statement is in.")]
Than = Annotated[str | None, QueryParameter(description="The payout to compare with; the last one before if left out.")]
By = Annotated[str, QueryParameter(description="What fee-yield is grouped by: category, channel, region or day.")]


@get("/sellers/{party:str}/statements", sync_to_thread=True, summary="Statements of a seller", tags=["Settlement"])
def statements(
    tieout: Hub, party: FromPath[str], since: Since = None, until: Until = None, currency: OfCurrency = None
) -> list[SellerStatement]:
    """Opening, movements by order, closing and next payout, for each currency; last month if no days are given."""
    return tieout.statements(party, since, until, currency=currency)


@get("/sellers/{party:str}/statement.csv", sync_to_thread=True, summary="Statement as CSV", tags=["Settlement"])
def statement_csv(tieout: Hub, party: FromPath[str], since: Since = None, until: Until = None) -> Response[str]:
    """The same as a table whose amounts add up."""
    return Response(tieout.statement_csv(party, since, until), media_type=CSV)


@get("/sellers/{party:str}/statement.pdf", sync_to_thread=True, summary="Statement as PDF", tags=["Settlement"])
def statement_pdf(
    tieout: Hub, party: FromPath[str], currency: InCurrency, since: Since = None, until: Until = None
) -> Response[bytes]:
    """The same in one currency as PDF/A; the same days of the same books are the same bytes."""
    return Response(tieout.statement_pdf(party, currency, since, until), media_type=PDF)


@get("/payouts/{payout_id:str}/lines", sync_to_thread=True, summary="Lines of a payout", tags=["Settlement"])
def payout_lines(tieout: Hub, payout_id: FromPath[str]) -> PayoutMade:
    """What a payout settles, each line by drivers. They come to the payout exactly."""
    return tieout.explain_payout(payout_id)


@get("/payouts/{payout_id:str}/bridge", sync_to_thread=True, summary="Bridge between payouts", tags=["Settlement"])
def payout_bridge(tieout: Hub, payout_id: FromPath[str], than: Than = None) -> Bridge:
    """Why a payout differs from the one before it: drivers that sum exactly to the difference."""
    return tieout.payout_bridge(payout_id, than)


@get("/reports/{name:str}", sync_to_thread=True, summary="Report", tags=["Settlement"])
def report(tieout: Hub, name: FromPath[str], since: Since = None, until: Until = None, by: By = "category") -> Report:
    """liability, reserves, fee-yield, rates, 1099-k, dac7 or forecast, with the figures of the ledger they tie to."""
    return tieout.report(name, since, until, by=by)


@get("/reports/{name:str}/csv", sync_to_thread=True, summary="Report as CSV", tags=["Settlement"])
def report_csv(
    tieout: Hub, name: FromPath[str], since: Since = None, until: Until = None, by: By = "category"
) -> Response[str]:
    """The same as a table, amounts as decimal text."""
    found = tieout.report(name, since, until, by=by)
    rows = [[_text(cell) for cell in row] for row in found.rows]
    return Response("".join(csv_rows([found.columns, *rows])), media_type=CSV)


def _text(cell: Cell) -> str | int:
    if isinstance(cell, Money):
        return decimal_text(cell.amount_minor, cell.currency)
    return "" if cell is None else cell


HANDLERS = (statements, statement_csv, statement_pdf, payout_lines, payout_bridge, report, report_csv)
