import pytest
from msgspec import Struct

from tieout.api.strict import decoded
from tieout.model.error import BadInput


class Coin(Struct, forbid_unknown_fields=True):
    amount_minor: int
    name: str = ""


class Purse(Struct, forbid_unknown_fields=True):
    coins: list[Coin]


def test_a_body_to_the_letter() -> None:
    assert decoded(b'{"coins": [{"amount_minor": 500}]}', Purse) == Purse([Coin(500)])


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        (b'{"coins": [{"amount_minor": 500.0}]}', "Expected `int`, got `float`", "coins[0].amount_minor"),
        (b'{"coins": [{"amount_minor": "500"}]}', "Expected `int`, got `str`", "coins[0].amount_minor"),
        (b'{"coins": [{"amount_minor": true}]}', "Expected `int`, got `bool`", "coins[0].amount_minor"),
        (b'{"coins": [{"amount_minor": 1, "x": 2}]}', "Object contains unknown field `x`", "coins[0]"),
        (b'{"coins": [], "x": 2}', "Object contains unknown field `x`", ""),
        (b"{}", "Object missing required field `coins`", "body"),
        (b"[]", "Expected `object`, got `array`", "body"),
        (b"", "Input data was truncated", "body"),
        (b"{", "Input data was truncated", "body"),
        (b'{"coins": [{"amount_minor": 1, "name": "\xff"}]}', None, "body"),
    ],
)
def test_what_is_not_to_the_letter(body: bytes, what: str | None, where: str) -> None:
    with pytest.raises(BadInput) as caught:
        decoded(body, Purse)
    assert what in (None, caught.value.what)
    assert caught.value.where == (where or "body")
    assert caught.value.remedy
