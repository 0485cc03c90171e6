"""Status reports of banks on payment files (ISO 20022 pain.002): what was accepted, settled or refused."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree  # type: ignore[import-untyped] # it has no type stubs

from tieout.app.context import LedgerContext
from tieout.app.payout_sending import settle
from tieout.db.pool import Connection
from tieout.model.error import BadInput
from tieout.model.payout import Answer, Outcome
from tieout.settlement import attempts, payouts

#: Status codes of the standard (ExternalPaymentTransactionStatus1Code) that say what became of a payment.
_OUTCOMES: Mapping[str, Outcome] = {
    "ACTC": Outcome.ACCEPTED, "ACCP": Outcome.ACCEPTED, "ACWC": Outcome.ACCEPTED, "PDNG": Outcome.ACCEPTED,
    "RCVD": Outcome.ACCEPTED, "ACSP": Outcome.SENT, "ACSC": Outcome.SENT, "ACCC": Outcome.SENT,
    "RJCT": Outcome.FAILED,
}  # fmt: skip


class Told(NamedTuple):
    """What a report says: of the file as a whole, if anything, and of single payments."""

    message_id: str
    whole: Answer | None
    single: Mapping[str, Answer]


def read(body: bytes) -> Told:
    """Reads a report. Raises BadInput for what is none. A code nobody knows says nothing."""
    try:
        root = ElementTree.fromstring(body)
    except (ParseError, ValueError) as error:
        raise BadInput(f"This is no XML: {error}", where="pain.002", remedy="Take the bank's file as it is.") from error
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if "pain.002" not in space:
        raise BadInput(
            "This is no status report", where="pain.002", remedy="It is a Document of the namespace pain.002."
        )
    name = {"s": space.strip("{}")}
    group = root.find(".//s:OrgnlGrpInfAndSts", name)
    if group is None:
        raise BadInput("It names no file it is about", where="pain.002", remedy="Ask the bank for the whole report.")
    single = {}
    for one in root.iterfind(".//s:TxInfAndSts", name):
        answer = _answer(one, "TxSts", name)
        if answer is not None:
            single[one.findtext("s:OrgnlEndToEndId", "", name).upper()] = answer
    return Told(group.findtext("s:OrgnlMsgId", "", name), _answer(group, "GrpSts", name), single)


def _answer(part: Element, tag: str, name: dict[str, str]) -> Answer | None:
    outcome = _OUTCOMES.get(part.findtext(f"s:{tag}", "", name))
    if outcome is None:
        return None
    code = part.findtext(".//s:Rsn/s:Cd", "", name) or part.findtext(".//s:Rsn/s:Prtry", "", name)
    return Answer(outcome, "", code, part.findtext(".//s:AddtlInf", "", name))


def apply(connection: Connection, context: LedgerContext, told: Told, day: date, by: str) -> int:
    """Moves the payouts a report tells of; returns how many moved. Raises BadInput for a file that is not ours."""
    file = attempts.file_by_message(connection, context.id, told.message_id)
    if file is None:
        remedy = "Is it a report on another system's file?"
        raise BadInput(f"No file is called “{told.message_id:.40}”", where="pain.002", remedy=remedy)
    _, policy = payouts.policy(connection, context.id)
    moved = 0
    for one in payouts.taken(connection, context.id, attempts.payouts_of_file(connection, context.id, file)):
        answer = told.single.get(one.end_to_end, told.whole)
        if answer is not None:
            moved += settle(connection, context, one, answer, day, by, policy) is not one.state
    return moved
