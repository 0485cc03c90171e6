"""Versions of the rules: the newest approved one whose day has come; and the database keeps the two people apart."""

from datetime import date

import psycopg
import pytest

from tieout.db.pool import Connection
from tieout.reconciliation import ruleset
from tieout.reconciliation.rule import standard_rules, standard_text

DAY = date(2026, 3, 1)


def publish(connection: Connection, day: date) -> int:
    return ruleset.publish(connection, 1, standard_rules(), standard_text(), day, "anna", "Why not.")


def test_the_newest_approved_version_of_the_day_is_in_force(connection: Connection) -> None:
    assert ruleset.in_force(connection, 1, DAY).version == 0
    first, second, third = (publish(connection, day) for day in (DAY, DAY, date(2026, 4, 1)))
    assert (first, second, third) == (1, 2, 3)
    for version in (1, 3):
        ruleset.approve(connection, 1, version, "eva", "Seen.")
    days = (date(2026, 2, 28), DAY, date(2026, 3, 31), date(2026, 4, 1))
    assert [ruleset.in_force(connection, 1, day).version for day in days] == [0, 1, 1, 3]
    assert [v.approved_by for v in ruleset.versions(connection, 1)] == ["eva", None, "eva"]


def test_the_database_refuses_a_publisher_who_approves(connection: Connection) -> None:
    publish(connection, DAY)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute("insert into matching_approval (ledger_id, version, approved_by, reason)"
                           " values (1, 1, 'anna', 'Fine.')")  # fmt: skip
    assert refused.value.diag.constraint_name == "two_people_make_a_rule"
