"""The commands that pay sellers, from policy to bank file."""

from pathlib import Path

from tests.app.payroom import DAY, EVA, POLICY, open_market, owe, sell
from tests.cli.conftest import CommandLine

POLICY_FILE = """[[rails]]
name = "bank"
kind = "sepa"
currencies = ["EUR"]
account = { holder = "Lindenhof GmbH", iban = "DE02120300000000202051" }
"""


def test_from_policy_to_bank_file(tmp_path: Path, database_url: str) -> None:
    command = CommandLine(tmp_path / "home", database_url)

    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        done = command("--actor", "anna", *arguments, code=code)
        return done.stdout, done.stderr

    with open_market(database_url, tmp_path / "home", POLICY) as app:
        sell(app)
        owe(app, "birke", 5000)
        sell(app, "linde")
        owe(app, "linde", 700)
        app.hold_payout(
            app.make_payout("linde", None, "EUR", reason="asked", day=DAY, actor=EVA).name,
            reason="wait", actor=EVA,
        )  # fmt: skip
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY_FILE)
    assert (
        run("payouts", "policy", "set", str(policy), "--reason", "second")[1]
        == "Version 2 of the payout policy is published.\n"
    )
    listed, said = run("payouts", "run", "--date", "2026-03-03", "-o", "csv")
    assert listed.splitlines()[1] == "birke,paid,50.00,50.00,0.00,EUR,pay_2,"
    assert said == "Run 1 of 2026-03-03 looked at 1 sellers and made 1 payouts.\n"
    assert run("payouts", "release", "pay_1", "--reason", "go on")[1] == "pay_1 to linde is pending_approval.\n"
    assert run("payouts", "approve", "pay_1")[1] == "pay_1 to linde is queued.\n"
    assert run("payouts", "send", "--date", "2026-03-03")[1] == "2 payouts moved.\n"
    assert run("payouts", "list", "--state", "submitted", "-o", "csv")[0].count("\n") == 3
    run("payouts", "export", "1", "--to", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert "Careful: anna took this file" in run("payouts", "export", "1", "--to", str(tmp_path / "out"))[1]
    assert run("payouts", "settle", "pay_2", "paid")[1] == "pay_2 to birke is paid.\n"
    assert "cannot go from paid to canceled" in run("payouts", "cancel", "pay_2", "--reason", "too late", code=2)[1]
    assert '"end_to_end": "SP0000000002"' in run("payouts", "show", "pay_2")[0]
