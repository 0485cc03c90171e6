"""Who posts and who seals while processes are killed: run as ``python -m tests.faults.players NAME URL HOME …``."""

import faulthandler
import itertools
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.app.house import ANNA, opening_balance
from tieout.app import DatabaseAway, Settings, Tieout
from tieout.model.entry import EntryDraft
from tieout.model.error import Unanswered

#: How entries are posted; says of each which it is, and whether it was there before.
Ask = Callable[[Sequence[EntryDraft]], Sequence[tuple[str, bool]]]
#: What the bulk poster sends in one call.
TOGETHER = 3
#: How many of its last calls a poster sends once more when it begins anew, although they were answered.
AGAIN = 2
#: Entries that every poster sends, under one key.
SHARED = "shared"


def amount_of(key: str) -> int:
    """The minor units of an entry, so that whoever knows its key knows what it must say."""
    return sum(key.encode()) % 991 + 1


def entry(name: str, number: int) -> EntryDraft:
    """An entry whose content follows from its key."""
    key = f"{name}:{number}"
    return opening_balance(key, amount=amount_of(key))


def told(log: Path) -> dict[str, str]:
    """What was acknowledged: key -> entry. A last line that was cut off was not. No key was ever told two entries."""
    found: dict[str, str] = {}
    for line in log.read_text("utf-8").splitlines(keepends=True) if log.exists() else ():
        if line.endswith("\n"):
            key, name, _ = line.split()
            assert found.setdefault(key, name) == name, f"{key} is {found[key]}, and then {name}"
    return found


def _until_answered(ask: Ask, drafts: Sequence[EntryDraft]) -> Sequence[tuple[str, bool]]:
    """What a caller does whose answer was lost: the same again."""
    while True:
        try:
            return ask(drafts)
        except (DatabaseAway, Unanswered):
            time.sleep(0.02)


def _numbers(name: str, before: dict[str, str]) -> Iterator[int]:
    """From the last numbers that were answered on, so that what was under way is sent again."""
    last = max((int(key.rpartition(":")[2]) for key in before if key.rpartition(":")[0] == name), default=-1)
    return itertools.count(max(0, last + 1 - AGAIN * TOGETHER))


def poster(url: str, home: str, log: str, name: str) -> None:
    """Posts for ever, three ways at once, and writes down what it is told: key, entry, whether it was there before."""
    before = told(Path(log))
    pen = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    dice = random.Random(name)  # noqa: S311 -- chance, not secrets
    with Tieout.open(Settings(home=Path(home), database_url=url), migrating=False, connections_max=4) as app:

        def bulk(drafts: Sequence[EntryDraft]) -> Sequence[tuple[str, bool]]:
            return [(found, False) for found in app.post(drafts, actor=ANNA)]

        def alone(drafts: Sequence[EntryDraft]) -> Sequence[tuple[str, bool]]:
            return [(found.entry, found.repeated) for found in map(app.post_one, drafts)]

        def go_on(own: str, ask: Ask, at_a_time: int) -> None:
            numbers = _numbers(own, before)
            while True:
                drafts = [entry(own, next(numbers)) for _ in range(at_a_time)]
                answers = _until_answered(ask, drafts)
                lines = (f"{d.key} {found} {int(known)}\n" for d, (found, known) in zip(drafts, answers, strict=True))
                os.write(pen, "".join(lines).encode())
                time.sleep(dice.uniform(0, 0.03))

        ways = [(f"{name}-bulk", bulk, TOGETHER), (f"{name}-alone", alone, 1), (SHARED, alone, 1)]
        for way in ways[1:]:
            threading.Thread(target=_or_die, args=(go_on, *way), daemon=True).start()
        go_on(*ways[0])


def _or_die(do: Callable[..., None], *arguments: object) -> None:
    """A thread that fails must not leave a process behind that looks alive."""
    try:
        do(*arguments)
    except BaseException:  # noqa: BLE001 -- told, and then all of the process ends
        traceback.print_exc()
        os._exit(1)


def sealer(url: str, home: str, safe: str) -> None:
    """Seals, rolls up and anchors for ever."""
    settings = Settings(home=Path(home), database_url=url, anchors=(f"file:{safe}",))
    with Tieout.open(settings, migrating=False, connections_max=2) as app:
        while True:
            try:
                app.seal()
                app.roll_up()
                app.anchor()
            except DatabaseAway:
                time.sleep(0.02)


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)  # says where it stands, for whoever wonders why nothing happens
    players: dict[str, Callable[..., None]] = {"poster": poster, "sealer": sealer}
    players[sys.argv[1]](*sys.argv[2:])
