"""Candidate references in what a bank prints about an entry: the words that could name a payout or an order.

A token is a run of ASCII letters, digits, ``_`` and ``-`` of 6 to 64 characters with at least one digit, in the
case in which the bank printed it. Banks also break and decorate references, so these variants are added after all
runs: the run without ``-`` and ``_``; neighbouring words that each hold a digit, joined (``RF18 5390 0754``); and the
two ends that meet where one line of remittance text breaks into the next.

Tokens are candidates and nothing more: a match needs something on the other side that has exactly this name.
"""

import re
from collections.abc import Iterable, Iterator

TOKENS_MAX = 40
_LENGTH_MIN = 6
_LENGTH_MAX = 64
#: The standard allows 140 characters a line; a text beyond this is damage, and is not searched.
_TEXT_MAX = 10_000

_RUN = re.compile(r"[A-Za-z0-9_-]+")
_WORD = re.compile(r"[A-Za-z0-9]+")
_DIGIT = re.compile(r"[0-9]")
_TAIL = re.compile(r"[A-Za-z0-9_-]+$")
_HEAD = re.compile(r"^[A-Za-z0-9_-]+")


def reference_tokens(texts: Iterable[str], broken: Iterable[tuple[str, str]] = ()) -> list[str]:
    """The tokens of `texts`, strongest text first, at most 40 and each once; `broken` are neighbouring lines."""
    known = [text[:_TEXT_MAX] for text in texts]
    runs = [run for text in known for run in _runs(text)]
    joints = [tail + head for before, after in broken for tail, head in _ends(before, after)]
    variants = [run.replace("-", "").replace("_", "") for run in [*runs, *joints]]
    groups = [group for text in known for group in _joined_words(text)]
    candidates = [*runs, *joints, *variants, *groups]
    return list(dict.fromkeys(token for token in candidates if _is_token(token)))[:TOKENS_MAX]


def _is_token(text: str) -> bool:
    return _LENGTH_MIN <= len(text) <= _LENGTH_MAX and _DIGIT.search(text) is not None


def _runs(text: str) -> Iterator[str]:
    for match in _RUN.finditer(text):
        yield match[0].strip("-_")


def _ends(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The last run of one line and the first of the next, if both touch the break."""
    tail, head = _TAIL.search(before[-_LENGTH_MAX:]), _HEAD.search(after[:_LENGTH_MAX])
    if tail and head:
        yield tail[0], head[0]


def _joined_words(text: str) -> Iterator[str]:
    """Neighbouring words with a digit each, without the blanks between them."""
    group: list[str] = []
    for word in [*text.split(), ""]:
        if _WORD.fullmatch(word) and _DIGIT.search(word):
            group.append(word)
            continue
        if len(group) > 1:
            yield "".join(group)
        group = []
