"""The command `tieout`: its options and its commands, in the order of the work."""

from pathlib import Path
from typing import NoReturn

import click

from tieout.cli import (
    accounts,
    balances,
    correcting,
    deciding,
    handing,
    importing,
    looking,
    match,
    owning,
    paying,
    periods,
    posting,
    proposing,
    proving,
    quoting,
    rating,
    ruling,
    running,
    sandbox,
    selling,
    setup,
    signing,
    sources,
    stating,
    totalling,
    verifying,
)
from tieout.cli.group import Root

_SECTIONS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    (
        "Set up",
        (
            setup.init_command,
            sources.source_group,
            setup.user_group,
            setup.key_group,
            setup.doctor_command,
        ),
    ),
    (
        "Receive and book",
        (
            running.serve_command,
            running.work_command,
            importing.import_command,
            rating.rates_group,
            handing.import_journal_command,
            posting.post_command,
            deciding.replay_command,
        ),
    ),
    (
        "Prove",
        (
            match.match_command,
            proving.reconcile_command,
            proving.proof_command,
            signing.reconciliation_group,
            totalling.totals_command,
            ruling.rules_group,
            setup.check_command,
        ),
    ),
    (
        "Seal",
        (
            verifying.verify_command,
            verifying.seal_command,
            verifying.seals_command,
            verifying.inclusion_command,
            balances.ledger_group,
        ),
    ),
    (
        "Decide",
        (
            deciding.cases_command,
            deciding.case_command,
            deciding.resolve_command,
            deciding.unmatch_command,
            proposing.confirm_command,
            proposing.proposals_group,
            correcting.reverse_command,
            correcting.correct_command,
        ),
    ),
    (
        "Look",
        (
            looking.explain_command,
            looking.trace_command,
            looking.inbox_command,
            looking.events_command,
            looking.journal_command,
            looking.balances_command,
            balances.balance_command,
            balances.trial_balance_command,
            balances.register_command,
        ),
    ),
    (
        "Owe",
        (
            quoting.quote_command,
            owning.ownership_group,
            owning.fees_group,
            selling.sellers_group,
            paying.payouts_group,
            stating.statement_command,
            stating.bridge_command,
            stating.report_command,
        ),
    ),
    ("Close and hand on", (accounts.account_group, periods.period_group, rating.revalue_command, handing.export_group)),
    ("Try", (sandbox.demo_command, sandbox.trigger_command, sandbox.sample_command)),
)


@click.group("tieout", cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--home", type=click.Path(path_type=Path), envvar="TIEOUT_HOME", help="Folder of the installation.")
@click.option("--actor", help="Who acts, for the audit log; your login name if it is not given.")
@click.version_option(package_name="tieout")
def tieout(home: Path | None, actor: str | None) -> None:
    """Make commerce's books tie out.

    Data goes to standard output, talk to standard error. Exit codes: 0 all is well, 1 problems were found, 2 it could
    not run, 3 waits for an approval.
    """
    del home, actor  # read from the context where they are needed


for _title, _commands in _SECTIONS:
    tieout.add_section(_title, _commands)


def main() -> NoReturn:
    """What the console script calls."""
    tieout.main(prog_name="tieout")
