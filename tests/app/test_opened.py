"""The one way to work in an open database."""

import pytest

from tests.app.house import ANNA, opening_balance
from tieout.app import Tieout
from tieout.model.error import BadInput


def test_a_text_that_no_database_can_keep_is_the_callers_mistake_and_leaves_nothing(app: Tieout) -> None:
    with pytest.raises(BadInput, match="A text has a character that cannot be kept") as refused:
        app.post([opening_balance("a \ud800 surrogate")], actor=ANNA)
    assert refused.value.remedy == "Leave out NUL and whatever else is no Unicode."
    assert app.counts() == (0, 0)
