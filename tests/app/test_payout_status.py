"""Status reports of banks: what they say of a file and of single payments."""

from pathlib import Path

import pytest

from tests.app.payroom import DAY, open_market, owe, sell
from tieout.app import payout_status
from tieout.model.error import BadInput
from tieout.model.payout import Answer, Outcome

REPORT = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>
<GrpHdr><MsgId>R1</MsgId></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>FSP000000000102</OrgnlMsgId><GrpSts>{whole}</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>SP0000000001</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account closed</AddtlInf></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>"""


def test_a_report_says_what_became_of_the_file_and_of_each_payment() -> None:
    told = payout_status.read(REPORT.format(whole="ACSC").encode())
    assert told.message_id == "FSP000000000102"
    assert told.whole == Answer(Outcome.SENT)
    assert told.single == {"SP0000000001": Answer(Outcome.FAILED, "", "AC04", "Account closed")}
    assert payout_status.read(REPORT.format(whole="PART").encode()).whole is None


@pytest.mark.parametrize("body", [b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b'<D xmlns="pain.002"/>'])
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        payout_status.read(body)


def test_a_report_moves_payouts(database_url: str, tmp_path: Path) -> None:
    with open_market(database_url, tmp_path) as app:
        for party, amount in (("birke", 3000), ("linde", 4500)):
            sell(app, party)
            owe(app, party, amount)
        app.run_payouts(DAY)
        app.send_payouts(DAY)
        body = REPORT.format(whole="PART").replace("<GrpSts>PART</GrpSts>", "<GrpSts>ACSP</GrpSts>").encode()
        assert app.read_payment_status(body, day=DAY) == 2
        assert [one.state.value for one in app.payout_list()] == ["in_transit", "failed"]
        assert app.read_payment_status(body, day=DAY) == 0
        with pytest.raises(BadInput, match="No file is called"):
            app.read_payment_status(body.replace(b"FSP000000000102", b"OTHER"))
