"""NACHA files: ACH credits to accounts in the United States.

Source of the layout: the Nacha Operating Rules, appendix three. Records have 94 characters; blocks have ten records,
the last filled with nines. Companies are paid as CCD, persons as PPD, each kind in a batch of its own. Amounts are
cents; control records carry counts, sums and the entry hash (first eight digits of the routing numbers, last ten kept).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC

from msgspec import Struct

from tieout.model.error import BadInput
from tieout.model.payout import Instruction, PaymentFile
from tieout.settlement.instruction import check, is_routing, plain, refuse_account

RECORD = 94
_BLOCK = 10
_CREDITS = "220"
_CHECKING, _SAVINGS = "22", "32"
_ID_MAX, _ACCOUNT_MAX = 15, 17
_AMOUNT_MINOR_MAX = 9_999_999_999
_HASH_MODULUS = 10**10


class Originator(Struct, frozen=True):
    """Who sends the file: its bank, its number at the bank, and its name as sellers see it."""

    bank_routing: str
    bank_name: str
    company_id: str
    company_name: str
    description: str = "PAYOUT"
    file_modifier: str = "A"
    """Tells files of one day apart: A, then B, and so on."""


def nacha(file: PaymentFile, originator: Originator) -> bytes:
    """The file as the bank takes it, ASCII with line ends. Raises BadInput for what must not be sent."""
    check(file, "USD", _ID_MAX)
    _check_accounts(file, originator)
    batches = [(sec, [one for one in file.instructions if one.company is (sec == "CCD")]) for sec in ("PPD", "CCD")]
    records = [_file_header(file, originator)]
    filled = [(sec, entries) for sec, entries in batches if entries]
    trace = 1
    for number, (sec, entries) in enumerate(filled, start=1):
        records += _batch(file, originator, sec, entries, number, trace)
        trace += len(entries)
    blocks = -(-(len(records) + 1) // _BLOCK)
    records.append(
        f"9{len(filled):06}{blocks:06}{len(file.instructions):08}{_hash(file.instructions):010}"
        f"{0:012}{_total(file.instructions):012}{'':39}"
    )
    records += ["9" * RECORD] * (blocks * _BLOCK - len(records))
    assert all(len(record) == RECORD for record in records), "every record has 94 characters"
    return "".join(f"{record}\n" for record in records).encode("ascii")


def _check_accounts(file: PaymentFile, originator: Originator) -> None:
    if not is_routing(originator.bank_routing):
        raise BadInput("The bank's routing number is wrong", where=file.id, remedy="Correct it in the settings.")
    for one in file.instructions:
        account = one.account
        if not is_routing(account.routing):
            raise refuse_account(one.end_to_end, file, f"“{account.routing:.20}”, which is no routing number")
        if not (0 < len(account.number) <= _ACCOUNT_MAX and plain(account.number, _ACCOUNT_MAX) == account.number):
            raise refuse_account(one.end_to_end, file, "an account number a bank could not have given")
        if one.amount_minor > _AMOUNT_MINOR_MAX:
            raise BadInput(f"{one.end_to_end} is over 99,999,999.99", where=file.id, remedy="Pay in parts.")


def _file_header(file: PaymentFile, by: Originator) -> str:
    made = file.created_at.astimezone(UTC)
    return (
        f"101{by.bank_routing:>10}{by.company_id:>10.10}{made:%y%m%d%H%M}{by.file_modifier:.1}094101"
        f"{plain(by.bank_name, 23):23}{plain(by.company_name, 23):23}{'':8}"
    )


def _batch(
    file: PaymentFile, by: Originator, sec: str, entries: Sequence[Instruction], number: int, trace: int
) -> Iterator[str]:
    bank = by.bank_routing[:8]
    yield (
        f"5{_CREDITS}{plain(by.company_name, 16):16}{'':20}{by.company_id:>10.10}{sec}"
        f"{plain(by.description, 10):10}{file.execute_on:%y%m%d}{file.execute_on:%y%m%d}{'':3}1{bank}{number:07}"
    )
    for place, one in enumerate(entries, start=trace):
        code = _SAVINGS if one.account.savings else _CHECKING
        yield (
            f"6{code}{one.account.routing}{one.account.number:17}{one.amount_minor:010}{one.end_to_end:15}"
            f"{plain(one.account.holder, 22):22}{'':2}0{bank}{place:07}"
        )
    yield (
        f"8{_CREDITS}{len(entries):06}{_hash(entries):010}{0:012}{_total(entries):012}"
        f"{by.company_id:>10.10}{'':19}{'':6}{bank}{number:07}"
    )


def _hash(entries: Sequence[Instruction]) -> int:
    return sum(int(one.account.routing[:8]) for one in entries) % _HASH_MODULUS


def _total(entries: Sequence[Instruction]) -> int:
    return sum(one.amount_minor for one in entries)
