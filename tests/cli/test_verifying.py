"""Verifying by command: what is said, and the exit code that says whether all holds."""

import json
import time
from pathlib import Path

import psycopg

from tests.cli.conftest import CommandLine


def seal_all(books: CommandLine) -> None:
    """Seals everything; other tests write on the same server, and what they have not ended holds the horizon back."""
    give_up = time.monotonic() + 30
    while "held back" in books("seal").stderr:
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_from_a_sale_to_an_anchor_and_back(books: CommandLine, tmp_path: Path) -> None:
    safe = tmp_path / "safe"
    safe.mkdir()
    books.environment["TIEOUT_ANCHORS"] = f"file:{safe}"
    assert books("verify").stderr == "Verified: 0 entries, 0 lines, 0 blocks; all agree, no anchor to compare with.\n"
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05")
    seal_all(books)
    (path,) = safe.iterdir()
    kept = json.loads(path.read_text("utf-8").splitlines()[-1], parse_float=str)
    assert (kept["block"], kept["entries"]) == (1, 1)
    assert books("verify").stderr.startswith("Verified: 1 entry, ")
    assert books("verify").stderr.endswith(" 1 block; all agree, and with 1 anchor.\n")
    (block,) = json.loads(books("seals", "-o", "json").stdout, parse_float=str)
    assert (block["block_no"], block["n"]) == (1, 1)
    assert kept["hash"].startswith(books("seals", "-o", "csv").stdout.split(",")[-1].strip())
    assert "59.90 EUR" in books("seals").stdout
    proof = json.loads(books("inclusion", "ent_1").stdout, parse_float=str)
    assert (proof["block"], proof["block_hash"], proof["path"]) == (1, kept["hash"], [])
    assert books.error("inclusion", "ent_7").startswith("[not_found] ent_7 is not sealed")


def test_what_was_tampered_with_is_named_and_is_exit_code_1(books: CommandLine) -> None:
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05")
    seal_all(books)
    with psycopg.connect(books.environment["TIEOUT_DATABASE_URL"]) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update entry set memo = 'Gift'")
    said = books("verify", code=1)
    assert said.stderr.startswith(
        "NOT what was sealed: ent_1 is not what was posted: its hash is another. Went through "
    )
    assert said.stdout.splitlines()[2].split("  ")[0] == "ent_1"
    found = json.loads(books("verify", "-o", "json", code=1).stdout, parse_float=str)
    assert found["flaws"][0]["where"] == "ent_1"


def test_a_place_that_does_not_take_the_head_is_exit_code_1(books: CommandLine, tmp_path: Path) -> None:
    books.environment["TIEOUT_ANCHORS"] = f"file:{tmp_path}/lost"
    assert books("seal").stderr == "0 entries sealed; nothing sealed yet.\n"
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05")
    give_up = time.monotonic() + 30
    del books.environment["TIEOUT_ANCHORS"]
    seal_all(books)
    books.environment["TIEOUT_ANCHORS"] = f"file:{tmp_path}/lost"
    assert time.monotonic() < give_up
    assert books("seal", code=1).stdout.startswith(f"file:{tmp_path}/lost  FAILED file:{tmp_path}/lost: ")


def test_a_place_of_an_unknown_kind_is_refused(books: CommandLine) -> None:
    books.environment["TIEOUT_ANCHORS"] = "ftp://somewhere"
    assert books.error("verify").startswith("[config] “ftp://somewhere” is not a place for an anchor")
