"""The closed vocabulary of open rows."""

import re

from tieout.reconciliation.matching.reason import NEXT_STEP, OpenReason


def test_words_are_codes_with_a_sentence_and_a_next_step() -> None:
    words = list(OpenReason)
    assert [word.value for word in words] == [word.name.lower() for word in words]
    assert [word for word in words if not re.fullmatch(r"[A-Z].*\.", word.meaning)] == []
    assert set(NEXT_STEP) == set(words)
