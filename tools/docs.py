"""Writes the generated pages under docs/reference from the code and the rules they describe.

    python tools/docs.py           writes them
    python tools/docs.py --check   says which differ, and changes nothing

Nothing on these pages is written by hand, so they cannot be out of date: tests/test_docs.py fails when they differ.
"""

import inspect
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tieout.masterdata.chart import Chart, ChartAccount, read_chart, standard_charts
from tieout.model.account import AREAS, Role
from tieout.model.case import NEXT_STEP, Action, Reason
from tieout.model.error import TieoutError
from tieout.model.event import MEMO_KINDS, TOTAL_SIGN, ComponentKind, EventKind
from tieout.model.ids import IdKind
from tieout.model.payout import PayoutState
from tieout.reconciliation.matching.reason import NEXT_STEP as OPEN_STEP
from tieout.reconciliation.matching.reason import OpenReason

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
SOURCE = ROOT / "src" / "tieout"
COMMAND_LINE = "tieout.cli.main:tieout"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table after a blank line. Bars inside cells are escaped."""
    lines = ["", f"| {' | '.join(head)} |", f"|{'|'.join(' --- ' for _ in head)}|"]
    lines += [f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return lines


def code(word: object) -> str:
    """A word in code type; nothing for nothing."""
    return f"`{word}`" if word else ""


def page(title: str, text: str) -> Iterator[str]:
    """How a page begins: its title and what it is about."""
    yield f"# {title}"
    yield ""
    yield inspect.cleandoc(text)


def events() -> Iterator[str]:
    """Event kinds."""
    yield from page(
        "Event kinds",
        """
        What can happen to money, in our words, whoever told us. One event is one fact. The list is closed: what a
        source says that fits none of these becomes an exception. [Posting rules](posting.md) say what each books.
        """,
    )
    yield from table(
        ("kind", "what happened", "books"),
        ((code(kind), kind.meaning, "–" if kind in MEMO_KINDS else "yes") for kind in EventKind),
    )


def components() -> Iterator[str]:
    """Component kinds."""
    effects = {1: "adds", -1: "takes away", 0: "contained, or in another currency"}
    yield from page(
        "Components",
        """
        The parts an event's money consists of. An amount is positive in its natural direction: an item adds to what the
        buyer owes, a discount takes away from it. The last column is what the part does to the event's total; if the
        source states that total and the parts do not come to it, the event is held as `total_mismatch`.
        """,
    )
    yield from table(
        ("component", "what it is", "to the total"),
        ((code(kind), kind.meaning, effects[TOTAL_SIGN[kind]]) for kind in ComponentKind),
    )


def reason_codes() -> Iterator[str]:
    """Reasons of cases."""
    actions = {
        Action.BOOK: "post the open amount to an account, such as a write-off or a reclassification",
        Action.MATCH: "tie chosen open items together; they must come to zero",
        Action.RELEASE: "post a held event as the source states it",
        Action.ACCEPT: "take the first telling back and book the later one in its place",
        Action.DISMISS: "close it without a posting",
    }
    yield from page(
        "Reason codes",
        """
        Why something needs a person. Every exception carries one of these, the money at risk, and a next step. It
        blocks only what it is about; everything else goes on. Raised again for the same thing it is reopened, never
        opened twice. Every decision needs a reason in words, and shows what it will post before it posts.
        """,
    )
    yield from table(("what you can do", "what it does"), ((code(action), actions[action]) for action in Action))
    for reason in Reason:
        yield from ("", f"## {reason}", "", reason.meaning, "", f"**Next step.** {NEXT_STEP[reason]}")


def match_reasons() -> Iterator[str]:
    """Reasons of rows of two files that were compared."""
    yield from page(
        "Reasons of open rows",
        """
        Why a row of [two files that were compared](../howto/match-two-files.md) ties with nothing. LEFT is what was
        expected, RIGHT what arrived. The list is closed.
        """,
    )
    yield from table(
        ("reason", "what it means", "what you do"),
        ((code(reason), reason.meaning, OPEN_STEP[reason]) for reason in OpenReason),
    )


def accounts() -> Iterator[str]:
    """Account roles and the standard charts."""
    yield from page(
        "Accounts",
        """
        Posting rules name roles, and the chart of accounts says which account plays a role. So one set of rules serves
        every chart. A *clearing* account is at all times a list of named open items.
        """,
    )
    yield from table(("role", "what stands on it"), ((code(role), role.meaning) for role in Role))
    for name in standard_charts():
        chart = read_chart(name)
        yield from ("", f"## {chart.title}", "", f"`tieout init --chart {name}`. {sellers_sentence(chart)}", "")
        yield "`{scope}` is the name of the source or connector; one account is opened for each. An account closes with"
        yield "the periods of its area, and every account with those of the whole books."
        classes = {found.code: f"{found.code} {found.name}" for found in chart.classes}
        rows = (
            (code(a.code), a.name, a.type, classes.get(a.parent or ""), code(a.role), area_of(a), clearing(a))
            for a in chart.account
        )
        yield from table(("account", "name", "type", "class", "role", "area", "clearing"), rows)


def area_of(account: ChartAccount) -> str:
    """The area of the books an account closes with, for a table."""
    area = account.area or AREAS.get(account.role)
    return "" if area is None else area.value


def sellers_sentence(chart: Chart) -> str:
    """Whose revenue the goods of other sellers are, in a sentence."""
    if chart.sellers == "payable":
        return "Goods of other sellers are owed to them and are not revenue."
    return "Whatever vendor a product carries, its sale is revenue."


def clearing(account: ChartAccount) -> str:
    """Whether an account is a clearing account, for a table."""
    return "yes" if account.clearing else ""


def errors() -> Iterator[str]:
    """Errors a caller may see."""
    yield from page(
        "Errors",
        """
        What a caller can put right comes as one of these, with the same code on the command line, in Python and, as RFC
        9457 problem JSON, over HTTP. Each says what is wrong, where, and what to do. An odd *world* is no error: it
        becomes an exception with a [reason code](reason-codes.md).
        """,
    )
    for error in error_classes(TieoutError):
        parent = error.__mro__[1]
        kind = f" It is a kind of `{parent.code}`." if parent is not TieoutError else ""  # type: ignore[attr-defined]
        yield from ("", f"## {error.code}", "", inspect.getdoc(error) or "", "")
        yield f"In Python `{error.__name__}`; over HTTP status {error.status}.{kind}"


def error_classes(base: type[TieoutError]) -> Iterator[type[TieoutError]]:
    """All errors below `base`, depth first."""
    for error in base.__subclasses__():
        if error.__module__ == base.__module__:
            yield error
            yield from error_classes(error)


def posting() -> Iterator[str]:
    """Posting rules."""
    rules = tomllib.loads((SOURCE / "rules/posting.toml").read_text("utf-8"))["rule"]
    yield from page(
        "Posting rules",
        """
        What each kind of [event](events.md) books, by [role of account](accounts.md). The first rule of a kind whose
        condition holds is used. A line books the event's total, or every [component](components.md) of a kind. The
        rules are data: `src/tieout/rules/posting.toml`. Every entry carries the id, the version and the reason of its
        rule.
        """,
    )
    for rule in rules:
        yield from ("", f"## {rule['id']}", "")
        yield f"For `{rule['kind']}`{conditions(rule.get('when', {}), ', when')}. Version {rule['version']}."
        yield from ("", rule["why"])
        if "lines_of" in rule:
            yield f"\nThe lines are those of [{rule['lines_of']}](#{rule['lines_of'].replace('.', '')})."
        else:
            yield from table(
                ("side", "account", "amount", "open item"),
                (
                    (line["side"], code(line["role"]), amount(line), ", ".join(line.get("item", ())))
                    for line in rule["line"]
                ),
            )


def conditions(wanted: dict[str, str], lead: str) -> str:
    """Conditions of a rule in words: `*` is "is there", `!` is "is not there"."""
    words = {"*": "is there", "!": "is not there"}
    texts = [f"`{name}` {words.get(value, f'is `{value}`')}" for name, value in wanted.items()]
    return f"{lead} {' and '.join(texts)}" if texts else ""


def amount(line: dict[str, Any]) -> str:
    """What a line of a rule books, in words."""
    if "component" not in line:
        return "the total"
    otherwise = f", otherwise {code(line['otherwise'])}" if "otherwise" in line else ""
    return f"{code(line['component'])}{otherwise}{conditions(line.get('with', {}), ' where')}"


def matching() -> Iterator[str]:
    """Matching passes and patience."""
    rules = tomllib.loads((SOURCE / "rules/matching.toml").read_text("utf-8"))
    yield from page(
        "Matching rules",
        """
        The passes that tie open items, in order. A pass posts a match only if it is the only one possible among all
        items that could be meant; otherwise the items stay open as `several_candidates`. The rules are data:
        `src/tieout/rules/matching.toml`.
        """,
    )
    rows = (
        (code(p["id"]), p["version"], ", ".join(code(role) for role in p["roles"]), p["why"]) for p in rules["pass"]
    )
    yield from table(("pass", "version", "accounts", "why items belong together"), rows)
    yield from ("", "How long an item may stay open before it needs a person:")
    yield from table(("setting", "days"), ((code(name), days) for name, days in rules["timing"].items()))


def connectors() -> Iterator[str]:
    """Connectors that come with the product."""
    yield from page(
        "Connectors",
        """
        What comes with the product. Each folder under `src/tieout/connectors` has a README with the steps to connect
        it.
        """,
    )
    for file in sorted((SOURCE / "connectors").glob("*/manifest.toml")):
        manifest = tomllib.loads(file.read_text("utf-8"))
        readme = file.with_name("README.md")
        link = f" See [its README](../../{readme.relative_to(ROOT).as_posix()})." if readme.exists() else ""
        yield from ("", f"## {manifest['title']}", "")
        yield f"`{manifest['name']}`, a {manifest['kind']}; API version {manifest['api_version']}.{link}"
        yield from table(
            ("property", "value"),
            (
                ("doors", ", ".join(manifest["channels"])),
                ("accounts of its own", ", ".join(code(role) for role in manifest.get("accounts", [])) or "none"),
                ("secrets", ", ".join(code(secret) for secret in manifest.get("secrets", [])) or "none"),
                ("same delivery", manifest["identity"]),
                ("documentation", manifest.get("documentation", "")),
            ),
        )


def payout_states() -> Iterator[str]:
    """Payout states."""
    yield from page(
        "Payout states",
        """
        What can become of money between a balance and a bank account, at a gateway or towards a seller.
        """,
    )
    yield from table(("state", "meaning"), ((code(state), state.meaning) for state in PayoutState))


def ids() -> Iterator[str]:
    """Prefixed ids."""
    yield from page(
        "Ids",
        """
        Everything that can be traced has an id that can be pasted: a prefix and a number. `tieout explain ID` and the
        search of the console take any of them. [Why they look like this](../decisions/0004-public-ids.md).
        """,
    )
    yield from table(("id", "what it points to"), ((code(f"{kind.value}_1042"), kind.name.lower()) for kind in IdKind))


def command_line() -> Iterator[str]:
    """Every command of `tieout`, as click knows it."""
    yield from page(
        "Command line",
        """
        Data goes to standard output, talk to standard error. Exit codes: 0 all is well, 1 problems were found, 2 it
        could not run, 3 waits for an approval.
        """,
    )
    for path, command in walk(root_command(), "tieout"):
        context = click.Context(command, info_name=path)
        yield from ("", f"## {path}", "", inspect.cleandoc(command.help or ""), "")
        yield from ("```text", " ".join((path, *command.collect_usage_pieces(context))), "```")
        rows = [r for p in command.get_params(context) if (r := option_row(p, context)) and "--help" not in r[0]]
        if rows:
            yield from table(("option", "what it does"), rows)


def root_command() -> click.Command:
    """The click command behind the console script `tieout`."""
    module, _, name = COMMAND_LINE.partition(":")
    command: click.Command = getattr(import_module(module), name)
    return command


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below and including this one, with its full name."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            if not command.commands[name].hidden:
                yield from walk(command.commands[name], f"{path} {name}")


def option_row(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    """Name and help of an option; None for a hidden one, and for an argument, which the usage line shows."""
    record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
    return (code(record[0]), record[1]) if record else None


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "events.md": events,
    "components.md": components,
    "reason-codes.md": reason_codes,
    "match-reasons.md": match_reasons,
    "accounts.md": accounts,
    "posting.md": posting,
    "matching.md": matching,
    "errors.md": errors,
    "payout-states.md": payout_states,
    "ids.md": ids,
    "connectors.md": connectors,
    "cli.md": command_line,
}
MARK = "<!-- Generated by tools/docs.py; change the source it describes and run: make docs -->"


def render(name: str) -> str:
    """The text of one page as it should be."""
    return "\n".join((MARK, "", *PAGES[name]())) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Writes the pages, or with --check only compares; 1 if some differ."""
    stale = []
    for name in PAGES:
        page = REFERENCE / name
        text = render(name)
        if not page.exists() or page.read_text("utf-8") != text:
            stale.append(page.relative_to(ROOT).as_posix())
            if "--check" not in arguments:
                page.write_text(text, "utf-8")
    print("\n".join(stale) or "All generated pages are up to date.")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
