"""Payment files for tests. The accounts are the published examples of their countries' banks."""

from datetime import UTC, date, datetime

import msgspec

from tieout.model.payout import Instruction, PaymentFile
from tieout.model.seller import PayoutAccount

ANNA = PayoutAccount("Anna Müller & Söhne", "DE89370400440532013000", "COBADEFFXXX")
BO = PayoutAccount("Bo Çelik", "NL91ABNA0417164300")
MARKET = PayoutAccount("Ōkami Market ßtore", "FR1420041010050500013M02606", "PSSTFRPPPAR")
CREATED, DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC), date(2026, 11, 23)

SEPA = PaymentFile(
    "RUN-7", CREATED, DAY, MARKET,
    (
        Instruction("PAY-1042", 2340, "EUR", ANNA, "Payout PAY-1042 for October", "Köln", "DE"),
        Instruction("PAY-1043", 99_999_999, "EUR", BO),
    ),
)  # fmt: skip
ACH = PaymentFile(
    "RUN-8", CREATED, DAY, PayoutAccount("Market Inc"),
    (
        Instruction("PAY-1", 2340, "USD", PayoutAccount("Zoë Doe", routing="231380104", number="744-5678-99")),
        Instruction("PAY-2", 5, "USD", PayoutAccount("Mugs LLC", routing="121042882", number="12345"), company=True),
        Instruction("PAY-3", 100, "USD",
                    PayoutAccount("Bo Doe", routing="021000021", number="9", savings=True)),
    ),
)  # fmt: skip


def with_first(file: PaymentFile, **changes: object) -> PaymentFile:
    """The file with another first instruction."""
    first = msgspec.structs.replace(file.instructions[0], **changes)
    return msgspec.structs.replace(file, instructions=(first, *file.instructions[1:]))


def with_account(file: PaymentFile, **changes: object) -> PaymentFile:
    """The file with its first instruction to another account."""
    return with_first(file, account=msgspec.structs.replace(file.instructions[0].account, **changes))
