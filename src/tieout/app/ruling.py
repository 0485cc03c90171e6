"""Matching rules: which are in force, publishing and approving a version, and trying a changed set over all history."""

from datetime import date

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.reading import today_of
from tieout.app.understanding import utc_now
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.model.entity import Actor
from tieout.model.error import BadInput, ConfigError
from tieout.reconciliation import ruleset, trial
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.calendar import check_calendar
from tieout.reconciliation.rule import MatchingRules, read_rules, standard_text
from tieout.reconciliation.ruleset import RuleVersion
from tieout.reconciliation.trial import Trial

__all__ = ["Ruling", "Trial", "rules_of"]

#: A file of rules is written by a person; nobody writes this much.
_RULES_BYTES_MAX = 200_000


def rules_of(connection: Connection, context: LedgerContext, day: date) -> MatchingRules:
    """The matching rules of a day."""
    return ruleset.in_force(connection, context.id, day)


class Ruling(Opened):
    """The part of the face that is about matching rules."""

    def matching_rules(self, day: date | None = None) -> tuple[int, str]:
        """The version and text of the rules in force on a day; version 0 are those that come with the product."""
        with self._books() as (connection, context):
            found = rules_of(connection, context, day or today_of(context, utc_now()))
            known = {v.version: v.text for v in ruleset.versions(connection, context.id)}
            return found.version, known.get(found.version, standard_text())

    def rule_versions(self) -> list[RuleVersion]:
        """Every version that was ever published, with its approval."""
        with self._books() as (connection, context):
            return ruleset.versions(connection, context.id)

    def publish_rules(self, text: str, *, from_day: date, reason: str, actor: Actor) -> int:
        """Keeps a new version of the rules, to be approved by somebody else. Returns its number.

        Raises ConfigError for rules that do not make sense, and BadInput without a reason.
        """
        _check(text, reason)
        with self._books() as (connection, context):
            rules = _sound(context, text)
            number = ruleset.publish(connection, context.id, rules, text, from_day, actor.name, reason)
            controls.log(connection, context.id, actor.name, "rules.published", f"matching rules {number}", reason)
            return number

    def approve_rules(self, version: int, *, reason: str, actor: Actor) -> RuleVersion:
        """Approves a version somebody else published; it is in force from its day on.

        Raises NotFound, or ResolutionRefused for the publisher and for a version that is approved already.
        """
        _check("", reason)
        with self._books() as (connection, context):
            found = ruleset.approve(connection, context.id, version, actor.name, reason)
            controls.log(connection, context.id, actor.name, "rules.approved", f"matching rules {version}", reason)
            return found

    def try_rules(self, text: str, day: date | None = None) -> Trial:
        """What a changed set of rules would tie over all history, beside the rules in force. Nothing is written."""
        _check(text, "a trial")
        with self._books() as (connection, context):
            reconciliation.project(connection, context.id)
        with self._books() as (connection, context):
            now = rules_of(connection, context, day or today_of(context, utc_now()))
            return trial.try_rules(connection, context.id, now, _sound(context, text))


def _check(text: str, reason: str) -> None:
    if not reason.strip():
        raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
    if len(text.encode()) > _RULES_BYTES_MAX:
        raise BadInput("These are no rules a person wrote", where="rules", remedy="Send the TOML text of the rules.")


def _sound(context: LedgerContext, text: str) -> MatchingRules:
    """The rules of a text, if these books can keep them."""
    rules = read_rules(text, "the rules")
    check_calendar(rules.timing.calendar, "timing.calendar")
    for pass_ in rules.passes:
        if unknown := sorted(set(pass_.sources) - context.sources.keys()):
            raise ConfigError(f"There is no source “{unknown[0]}”", where=pass_.id, remedy="See `tieout source list`.")
        if pass_.write_off is None:
            continue
        account = context.accounts.get(pass_.write_off.account)
        if account is None or account.clearing:
            raise ConfigError(
                f"“{pass_.write_off.account}” is not an account that a difference can be written off to",
                where=pass_.id,
                remedy="Name an account that is not itself a clearing account.",
            )
    return rules
