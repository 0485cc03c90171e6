"""Setting up by command: exact words, exit codes, and nothing secret where it could stay."""

import json
import re
from pathlib import Path

from tests.cli.conftest import CommandLine
from tieout.app import Settings, Tieout


def test_init_shows_password_and_key_once(run: CommandLine) -> None:
    result = run("init", "--name", "Mug & Bowl", "--currency", "usd", "--user", "anna", "--password", "correct horse")
    user, password, key = result.stdout.splitlines()
    assert (user, password) == ("user      anna", "password  correct horse")
    assert re.fullmatch(r"api key   tok_\S{43}", key)
    assert result.stderr == (
        f"The books of Mug & Bowl are open, in {run.home}.\nKeep the password and the key: they are not shown again.\n"
    )
    with Tieout.open(Settings(run.home, run.environment["TIEOUT_DATABASE_URL"])) as app:
        assert app.entity().base_currency == "USD"
        assert app.log_in("anna", "correct horse") != ""
        actor = app.actor_of_key(key.split()[-1])
        assert actor is not None
        assert (actor.name, actor.kind) == ("first", "key")


def test_init_makes_a_password_up_and_speaks_json(run: CommandLine) -> None:
    report = json.loads(run("init", "-o", "json").stdout, parse_float=str)
    assert (report["entity"], report["user"], len(report["password"])) == ("My Company", "admin", 16)


def test_init_reads_the_password_from_standard_input(run: CommandLine) -> None:
    assert "password  from a pipe\n" in run("init", "--password", "-", typed="from a pipe\n").stdout


def test_init_opens_books_once(books: CommandLine) -> None:
    assert books.error("init") == (
        "[config] The books are open already (init)."
        " One installation keeps one entity for now; use another TIEOUT_HOME."
    )


def test_init_refuses_what_does_not_exist(run: CommandLine) -> None:
    assert run.error("init", "--currency", "EURO").startswith("[amount] “EURO” is not an ISO 4217 currency (currency).")
    assert run.error("init", "--timezone", "Mars") == (
        "[config] “Mars” is not a time zone (timezone). Use a name like Europe/Berlin."
    )
    assert run.error("init", "--chart", "none").startswith("[config] ")


def test_doctor_says_how_to_begin_and_makes_nothing(tmp_path: Path) -> None:
    run = CommandLine(tmp_path / "nothing", "")
    assert run("doctor", code=1).stdout == (
        f"WRONG home              nothing is set up in {run.home}  → Run `tieout init`, or set TIEOUT_HOME.\n"
    )
    assert not run.home.exists()


def test_doctor_names_each_thing_and_its_remedy(books: CommandLine) -> None:
    books("source", "add", "stripe-us", "--connector", "stripe")
    lines = books("doctor", code=1).stdout.splitlines()
    (wrong,) = [line for line in lines if line.startswith("WRONG")]
    assert wrong == (
        "WRONG source stripe-us  no webhook secret: every hook is rejected"
        "  → Run `tieout source secret stripe-us` with the provider's signing secret."
    )
    assert "OK    books             Mug & Bowl, EUR, chart marketplace" in lines
    assert len(lines) == 10
    books("source", "secret", "stripe-us", typed="given later\n")
    assert all(line.startswith("OK ") for line in books("doctor").stdout.splitlines())


def test_doctor_tells_of_a_database_that_is_away(tmp_path: Path, server_url: str) -> None:
    nowhere = server_url.replace("/postgres?", "/no_such_database?")
    assert nowhere != server_url
    (finding,) = json.loads(CommandLine(tmp_path, nowhere)("doctor", "-o", "json", code=1).stdout, parse_float=str)
    assert (finding["what"], finding["ok"]) == ("database", False)
    assert finding["detail"].startswith("The database cannot be reached: connection failed: ")
    assert finding["detail"].endswith('database "no_such_database" does not exist')


def test_commands_say_that_nothing_is_set_up(tmp_path: Path) -> None:
    run = CommandLine(tmp_path / "nothing", "")
    expected = f"[setup] Nothing is set up here ({run.home}). Run `tieout init`, or name another --home."
    for command in (["balances"], ["serve"], ["work"], ["reconcile"], ["source", "list"], ["check"]):
        assert run.error(*command) == expected


def test_check_is_silent_when_all_holds(told: CommandLine) -> None:
    result = told("check")
    assert (result.stdout, result.stderr) == ("", "")


def test_check_says_what_does_not_hold(books: CommandLine) -> None:
    assert books("check", code=1).stdout == (
        "WRONG proof             no reconciliation has been run yet  → Run `tieout reconcile`.\n"
    )


def test_a_key_is_printed_once_and_replaces_its_namesake(books: CommandLine) -> None:
    first, second = books("key", "new", "shop").stdout.strip(), books("key", "new", "shop").stdout.strip()
    with Tieout.open(Settings(books.home, books.environment["TIEOUT_DATABASE_URL"])) as app:
        assert app.actor_of_key(first) is None
        assert app.actor_of_key(second) is not None


def test_a_password_comes_from_standard_input(books: CommandLine) -> None:
    assert books("user", "password", "berta", typed="s3cret words\n").stderr == (
        "berta can log in with the new password.\n"
    )
    assert books.error("user", "password", "berta", typed="") == (
        "[bad_input] Standard input is empty (-). Pipe the text in, or give it with the option."
    )
    with Tieout.open(Settings(books.home, books.environment["TIEOUT_DATABASE_URL"])) as app:
        assert app.log_in("berta", "s3cret words") != ""


def test_who_acts_is_in_the_audit_log(books: CommandLine) -> None:
    books("--actor", "anna", "key", "new", "till")
    with Tieout.open(Settings(books.home, books.environment["TIEOUT_DATABASE_URL"])) as app:
        newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject) == ("anna", "key.made", "till")


def test_a_key_is_revoked_by_name(books: CommandLine) -> None:
    key = books("key", "new", "till").stdout.strip()
    assert books("key", "revoke", "till").stderr == "The key till is not valid any more.\n"
    with Tieout.open(Settings(books.home, books.environment["TIEOUT_DATABASE_URL"])) as app:
        assert app.actor_of_key(key) is None
    rows = json.loads(books("key", "list", "-o", "json").stdout, parse_float=str)
    assert [(row["name"], row["revoked_at"] is None) for row in rows] == [("first", True), ("till", False)]
    assert key not in books("key", "list").stdout
    assert books.error("key", "revoke", "till") == (
        "[not_found] There is no valid key “till” (name). List them with `tieout key list`."
    )


def test_a_person_is_listed_and_removed(books: CommandLine) -> None:
    books("user", "password", "eva", "--password", "evas")
    assert [row.split()[0] for row in books("user", "list").stdout.splitlines()[2:]] == ["admin", "eva"]
    assert books("user", "remove", "eva").stderr == "eva cannot log in any more.\n"
    assert books.error("user", "remove", "eva") == (
        "[not_found] Nobody called “eva” may log in (name). List them with `tieout user list`."
    )


def test_doctor_says_once_what_is_wrong_with_the_url(books: CommandLine) -> None:
    books.environment["TIEOUT_DATABASE_URL"] = "postgresql://[half"
    result = books("doctor", code=1)
    assert result.stderr == ""
    (line,) = result.stdout.splitlines()
    assert line.startswith("WRONG database          The database's URL cannot be read: ")
    assert line.endswith("  → It looks like postgresql://user:password@host:5432/database.")
