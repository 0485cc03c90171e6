"""The rates file is the bank's own format, newest day first."""

from datetime import date

from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.trail import Rate


def test_two_days_as_xml() -> None:
    rates = [Rate(date(2026, 10, 1), "EUR", "USD", 10_840), Rate(date(2026, 10, 2), "EUR", "USD", 10_795)]
    assert rates_xml(rates).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
        ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
        "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
        "\t<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>\n"
        "\t<Cube>\n"
        '\t\t<Cube time="2026-10-02">\n\t\t\t<Cube currency="USD" rate="1.0795"/>\n\t\t</Cube>\n'
        '\t\t<Cube time="2026-10-01">\n\t\t\t<Cube currency="USD" rate="1.0840"/>\n\t\t</Cube>\n'
        "\t</Cube>\n</gesmes:Envelope>\n"
    )
