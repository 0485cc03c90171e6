"""Programs of other people that add our journal up by themselves: Beancount's and hledger. Run, never imported."""

import csv
import io
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tieout.model.balance import Balance
from tieout.model.money import from_minor

Figures = dict[tuple[str, str], Decimal]

needs_hledger = pytest.mark.skipif(
    shutil.which("hledger") is None, reason="no hledger here (Debian, Ubuntu: apt-get install hledger)"
)


def tool(name: str) -> str:
    """A program of the development environment, or of the machine."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found is not None, f"{name} is among the development requirements"
    return found


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def bean_check(journal: Path) -> str:
    """What bean-check has to say; nothing, if all is well."""
    done = _run(tool("bean-check"), "--no-cache", journal)
    said = done.stdout + done.stderr
    assert (done.returncode == 0) is (said == "")
    return said


def bean_balances(journal: Path, until: date) -> Figures:
    """Balances by code and currency at the end of a day, added up by bean-query. Those that are nil are left out."""
    query = (
        "select open_meta(account)['code'] as code, currency, sum(number) as total"
        f" where date <= {until.isoformat()} and open_meta(account)['code'] is not null group by code, currency"
    )
    done = _run(tool("bean-query"), "--format", "csv", "--numberify", journal, query)
    assert done.returncode == 0, done.stderr
    found: Figures = {}
    for code, currency, total in list(csv.reader(io.StringIO(done.stdout)))[1:]:
        key = code.strip(), currency.strip()
        found[key] = found.get(key, Decimal(0)) + Decimal(total.strip() or 0)
    return {key: amount for key, amount in found.items() if amount}


def bean_worth(journal: Path, until: date) -> dict[str, Decimal]:
    """What accounts are worth in base currency at the end of a day, with what is beside them, by bean-query."""
    query = (
        "select coalesce(open_meta(account)['code'], open_meta(account)['exchange-of']) as code, sum(weight) as total"
        f" where date <= {until.isoformat()} group by code"
    )
    done = _run(tool("bean-query"), "--format", "csv", "--numberify", journal, query)
    assert done.returncode == 0, done.stderr
    heading, *rows = csv.reader(io.StringIO(done.stdout))
    assert len(heading) <= 2, "all is weighed in base currency"
    worth = {code.strip(): round(Decimal(total.strip() or 0), 6) for code, total in rows}
    return {code: amount for code, amount in worth.items() if amount}


def hledger_worth(journal: Path, until: date) -> dict[str, Decimal]:
    """The same by hledger."""
    end = (until + timedelta(days=1)).isoformat()
    done = _run("hledger", "-f", journal, "bal", "-B", "--flat", "--no-total", "-O", "csv", "-e", end)
    assert done.returncode == 0, done.stderr
    text = journal.read_text("utf-8")
    codes = dict(re.findall(r"^account (\S+)  ; (?:code|exchange-of): (.*), (?:type|currency): ", text, re.MULTILINE))
    found: dict[str, Decimal] = {}
    for name, amount in list(csv.reader(io.StringIO(done.stdout)))[1:]:
        found[codes[name]] = found.get(codes[name], Decimal(0)) + Decimal(amount.split(" ")[0])
    return {code: amount for code, amount in found.items() if amount}


def our_worth(balances: list[Balance], base_currency: str = "EUR") -> dict[str, Decimal]:
    """Our own balances in base currency in the same form."""
    found: dict[str, Decimal] = {}
    for b in balances:
        found[b.account] = found.get(b.account, Decimal(0)) + from_minor(b.base_minor, base_currency)
    return {code: amount for code, amount in found.items() if amount}


def hledger_check(journal: Path) -> str:
    """What hledger has to say of a file, every account and currency declared; nothing, if all is well."""
    done = _run("hledger", "-f", journal, "check", "accounts", "commodities", "balancednoautoconversion", "assertions")
    said = done.stdout + done.stderr
    assert (done.returncode == 0) is (said == "")
    return said


def hledger_balances(journal: Path, until: date) -> Figures:
    """Balances by code and currency at the end of a day, added up by hledger. Those that are nil are left out."""
    end = (until + timedelta(days=1)).isoformat()
    done = _run("hledger", "-f", journal, "bal", "--flat", "--no-total", "-O", "csv", "-e", end)
    assert done.returncode == 0, done.stderr
    codes = dict(re.findall(r"^account (\S+)  ; code: (.*), type: ", journal.read_text("utf-8"), re.MULTILINE))
    found: Figures = {}
    for name, amounts in list(csv.reader(io.StringIO(done.stdout)))[1:]:
        if name not in codes:
            continue  # what is beside an account is not of its currency
        for amount in amounts.split(", ") if amounts != "0" else ():
            number, currency = amount.split(" ")
            found[codes[name], currency] = Decimal(number)
    return {key: amount for key, amount in found.items() if amount}


def ours(balances: list[Balance]) -> Figures:
    """Our own balances in the same form."""
    return {(b.account, b.currency): from_minor(b.balance_minor, b.currency) for b in balances if b.balance_minor}
