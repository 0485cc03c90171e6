"""Payouts as a list: exact amounts, and nothing a spreadsheet would run."""

from tests.settlement.files import ACH, SEPA, with_account, with_first
from tieout.settlement.payout_list import payout_list


def test_one_row_for_each_payout() -> None:
    assert payout_list(SEPA) == (
        "payout,holder,iban,bic,routing,account,amount,currency,remittance\n"
        "PAY-1042,Anna Müller & Söhne,DE89370400440532013000,COBADEFFXXX,,,23.40,EUR,Payout PAY-1042 for October\n"
        "PAY-1043,Bo Çelik,NL91ABNA0417164300,,,,999999.99,EUR,\n"
    )
    assert payout_list(ACH).splitlines()[2] == "PAY-2,Mugs LLC,,,121042882,12345,0.05,USD,"


def test_a_name_cannot_be_a_formula() -> None:
    row = payout_list(with_account(SEPA, holder='=HYPERLINK("x")')).splitlines()[1]
    assert row.startswith('PAY-1042,"\'=HYPERLINK(""x"")",')
    assert payout_list(with_first(SEPA, remittance="-1")).splitlines()[1].endswith(",EUR,'-1")
