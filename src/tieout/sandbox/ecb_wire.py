"""Reference rates as the European Central Bank offers them for download: eurofxref-hist-90d.xml.

Source of the rules: the bank's page “Euro foreign exchange reference rates”.
"""

from collections.abc import Iterable

from tieout.sandbox.trail import Rate


def rates_xml(rates: Iterable[Rate]) -> bytes:
    """The file with these rates, all for one euro; the newest day comes first, as in the bank's own."""
    days = "".join(
        f"""\t\t<Cube time="{rate.day.isoformat()}">
\t\t\t<Cube currency="{rate.quote}" rate="{rate.text}"/>
\t\t</Cube>
"""
        for rate in sorted(rates, key=lambda rate: rate.day, reverse=True)
    )
    namespaces = (
        'xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"'
    )
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope {namespaces}>
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
\t<Cube>
{days}\t</Cube>
</gesmes:Envelope>
"""
    return text.encode()
