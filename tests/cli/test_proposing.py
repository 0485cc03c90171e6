"""Proposals by command, and standing by a match."""

import json

from tests.cli.conftest import CommandLine


def test_proposals_are_listed_and_a_match_is_confirmed(told: CommandLine) -> None:
    assert told("proposals", "list").stderr == "0 open items could be settled by a person.\n"
    assert json.loads(told("proposals", "list", "-o", "json").stdout) == []
    assert told("--actor", "eva", "confirm", "mat_1", "--why", "Seen.").stderr == "mat_1 is confirmed.\n"
    assert "eva stands by it; no run looks at it again." in told("explain", "mat_1").stdout
    assert told.error("proposals", "accept", "itm_1", "itm_2", "--why", "So.").startswith("[not_found] itm_1 does not")
    assert told.error("proposals", "refuse", "itm_1", "itm_1", "--why", "So.").startswith("[bad_input] Two items")
