"""What a matcher's answer is worth, measured on allocations and on rows against the truth.

The answer is two files as `tieout match` writes them; the truth is what truth.py wrote. Money of several currencies is
added at fixed weights, so one currency's small unit does not drown another's.
"""

import csv
import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from bench.recon3w import certain
from bench.recon3w.bank import KNOWN_CHARGES
from bench.recon3w.causes import MATCH, MISSING, PROPOSE, TIMING
from bench.recon3w.corrupt import TOLERANCE
from bench.recon3w.files import minor
from bench.recon3w.rows import LEFT, RIGHT
from bench.recon3w.shape import EXPONENTS
from bench.recon3w.truth import Edge, Item, Truth

#: Roughly euros per unit, and units per major one.
WEIGHTS = {"EUR": 1 / 100, "USD": 0.92 / 100, "GBP": 1.16 / 100, "JPY": 1 / 163}
POSTED = "posted"


@dataclass(frozen=True, slots=True)
class Said:
    """One allocation of an answer."""

    left: str
    right: str
    amount: int
    currency: str
    by: str
    posted: bool


@dataclass(slots=True)
class Answer:
    """Allocations, and the reasons given for rows, by (side, id)."""

    said: list[Said] = field(default_factory=list)
    cases: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def case(self, side: str, id: str, reason: str) -> None:
        """Adds a case."""
        self.cases.setdefault((side, id), []).append(reason)


def read(folder: Path) -> Answer:
    """The answer in a folder that `tieout match --out` wrote."""
    answer = Answer()
    with (folder / "matches.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not (row["left_id"] and row["right_id"]):
                continue  # a named residual: a fee, a rounding
            amount = minor(row["amount"], row["currency"])
            by, posted = row["pass"], row["status"] == POSTED
            answer.said.append(Said(row["left_id"], row["right_id"], amount, row["currency"], by, posted))
    with (folder / "cases.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            late = row["reason"] == TIMING and row["why"].startswith("Missing")
            answer.case(row["side"], row["id"], MISSING if late else row["reason"])
    return answer


def fingerprint(answer: Answer) -> str:
    """A hash over all an answer says, whatever the order of its rows."""
    lines = [f"{s.left}\t{s.right}\t{s.amount}\t{s.currency}\t{s.by}\t{s.posted}" for s in answer.said]
    lines += [f"{side}\t{id}\t{reason}" for (side, id), reasons in answer.cases.items() for reason in reasons]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Score:
    """Counts and weighted money; the shares are properties. Percentages are 0 to 1."""

    posted: int = 0
    posted_right: int = 0
    money: float = 0.0
    money_wrong: float = 0.0
    due: int = 0
    money_due: float = 0.0
    items: int = 0
    items_right: int = 0
    matchable: int = 0
    matchable_posted: int = 0
    disturbed: int = 0
    exceptions: int = 0
    exceptions_right: int = 0
    silenced: int = 0
    reviewed: int = 0
    lost: int = 0
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_pass: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def precision(self) -> float:
        """Of the allocations posted, how many are right; 1 if none was posted."""
        return self.posted_right / self.posted if self.posted else 1.0

    @property
    def recall(self) -> float:
        """Of the allocations that may be posted, how many were."""
        return self.posted_right / self.due if self.due else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def false_money(self) -> float:
        """Of the money posted, how much is wrong."""
        return self.money_wrong / self.money if self.money else 0.0

    @property
    def money_recall(self) -> float:
        """Of the money that may be posted, how much was, rightly."""
        return (self.money - self.money_wrong) / self.money_due if self.money_due else 1.0

    @property
    def accuracy(self) -> float:
        """Of the rows, how many have a right disposition."""
        return self.items_right / self.items

    @property
    def accuracy_bound(self) -> float:
        """Its lower bound with 95 % confidence."""
        return certain.lower_bound(self.items_right, self.items)

    @property
    def coverage(self) -> float:
        """Of the rows that have a partner, how many were posted."""
        return self.matchable_posted / self.matchable if self.matchable else 1.0

    @property
    def wrong_silence(self) -> float:
        """Of the rows that need a person, how many were posted."""
        return self.silenced / self.exceptions if self.exceptions else 0.0

    @property
    def noise(self) -> float:
        """Of the rows that are plainly matched, how many were sent to a person."""
        return self.disturbed / self.matchable if self.matchable else 0.0

    @property
    def review_per_1000(self) -> float:
        """Rows put before a person, per 1,000; waiting is no work."""
        return 1000 * self.reviewed / self.items

    @property
    def macro_f1(self) -> float:
        """The mean of the F1 of the classes of exceptions; a reason that is admitted counts as the primary one."""
        names = {right for right, _ in self.classes}
        scores = []
        for name in names:
            hit = self.classes[name, name]
            said = sum(count for (_, told), count in self.classes.items() if told == name)
            true = sum(count for (right, _), count in self.classes.items() if right == name)
            scores.append(2 * hit / (said + true))
        return sum(scores) / len(scores) if scores else 1.0


def judge(truth: Truth, answer: Answer) -> Score:
    """The score of an answer."""
    score = Score()
    sure = _allocations(truth, answer, score)
    proposed: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    posted: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in answer.said:
        for side, own, other in ((LEFT, said.left, said.right), (RIGHT, said.right, said.left)):
            if said.posted:
                posted[side, own].append(said)
            else:
                proposed[side, own].add(other)
    partners = truth.partners()
    for key, item in truth.items.items():
        words = list(answer.cases.get(key, ()))
        mine, true = posted.get(key, []), partners.get(key, set())
        right_post = (
            bool(mine) and all((said.left, said.right) in sure for said in mine) and _covers(key, item, mine, true)
        )
        right_proposal = not true or bool(proposed.get(key, set()) & true)
        _row(score, key, item, _Outcome(words, bool(mine), right_post, key in proposed, right_proposal))
    return score


def _allocations(truth: Truth, answer: Answer, score: Score) -> set[tuple[str, str]]:
    """Counts allocations; gives the pairs that were posted rightly."""
    sure: set[tuple[str, str]] = set()
    by_pass: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for edge, ends in ((edge, ends) for ends, edge in truth.edges.items() if edge.posts):
        item = truth.items[LEFT, ends[0]]
        score.due += 1
        least = min(abs(edge.left), abs(edge.right)) if edge.exact else abs(edge.left)
        score.money_due += least * WEIGHTS[item.currency] if edge.exact else 0.0
    for said in answer.said:
        if not said.posted:
            continue
        found = truth.edges.get((said.left, said.right))
        right = found is not None and found.posts and _amounts_to(said.amount, found)
        money = abs(said.amount) * WEIGHTS[said.currency]
        score.posted += 1
        score.posted_right += right
        score.money += money
        score.money_wrong += 0.0 if right else money
        tally = by_pass[said.by]
        tally[0] += 1
        tally[1] += right
        if right:
            sure.add((said.left, said.right))
    score.by_pass = {name: (count, right) for name, (count, right) in by_pass.items()}
    return sure


def _amounts_to(amount: int, edge: Edge) -> bool:
    """Whether it is the left's or the right's amount, but for a rounding that the rules allow and the answer names."""
    return not edge.exact or min(abs(amount - edge.left), abs(amount - edge.right)) <= TOLERANCE


def _covers(key: tuple[str, str], item: Item, mine: list[Said], true: set[str]) -> bool:
    """Whether the allocations are with all partners, or come to the row's amount."""
    if {said.right if key[0] == LEFT else said.left for said in mine} == true:
        return True
    slack = {*range(TOLERANCE + 1), *(KNOWN_CHARGES if EXPONENTS[item.currency] else ())}
    return abs(sum(said.amount for said in mine) - item.amount) in slack


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was said of a row: reasons, whether it was posted, and rightly; whether it was proposed, and rightly."""

    words: list[str]
    posted: bool
    posted_right: bool
    proposed: bool
    proposed_right: bool


def _row(score: Score, key: tuple[str, str], item: Item, outcome: _Outcome) -> None:
    """Counts one row, and the further ones under its id."""
    words, said = list(outcome.words), len(outcome.words) + outcome.posted + outcome.proposed
    score.items += 1 + item.copies
    score.lost += max(1 + item.copies - said, 0)
    for _ in range(item.copies):
        word = next((word for word in words if word in item.copy_says), None)
        if word is not None:
            words.remove(word)
            score.items_right += 1
        score.reviewed += 1
    told = words + [MATCH] * outcome.posted + [PROPOSE] * outcome.proposed
    right = bool(told) and all(word in item.admitted for word in told)
    right = right and (outcome.posted_right or not outcome.posted) and (outcome.proposed_right or not outcome.proposed)
    score.items_right += right
    if not right:
        score.wrong[f"{key[0]} {item.cause}", " ".join(sorted(told)) or "nothing"] += 1
    score.reviewed += outcome.proposed or any(word != TIMING for word in words)
    if item.admitted[0] == MATCH:
        score.matchable += 1
        score.matchable_posted += outcome.posted
        score.disturbed += not outcome.posted and item.admitted == (MATCH,)
    if MATCH not in item.admitted:
        score.exceptions += 1
        score.exceptions_right += right
        score.silenced += outcome.posted
        score.classes[item.admitted[0], item.admitted[0] if right else " ".join(sorted(told))] += 1
