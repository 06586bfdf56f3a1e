"""What stands between quotation marks is told from the outlet's own words."""

from __future__ import annotations

import pytest

from streams.match.quotations import quotations_in
from tests.unit.match.building import engine_of, fires


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("قال «يجب أن ينسحبوا» أمس", ["يجب أن ينسحبوا"]),
        ('He said "leave now" and "stay"', ["leave now", "stay"]),
        ("He said “leave ‘now’”.", ["leave ‘now’"]),
        ("قال ”انسحبوا“ ثم »ابقوا«", ["انسحبوا", "ابقوا"]),
        ("Er sagte „geht jetzt“.", ["geht jetzt"]),
        ("a «b «c» d", ["b «c"]),
        ("«open\nnext", ["open"]),
        ('a 5" gun and a 7" gun', []),
        ('he said "open\nnext', []),
        ("the end.” He said “new”", ["new"]),
        ('قال \u200f"\u200fانسحبوا\u200f"\u200f ثم', ["\u200fانسحبوا\u200f"]),
        ("Il dit : « partez ». Puis « restez\u00a0», dit-il", [" partez ", " restez\u00a0"]),
        ("the end« he said new", []),
        ("He said: ‘leave now’ and ‘stay’.", ["leave now", "stay"]),
        ("'Leave Idlib', he said", ["Leave Idlib"]),
        (
            "‘Don’t stay,’ he said. ‘The troops’ withdrawal isn’t over.’",
            ["Don’t stay,", "The troops’ withdrawal isn’t over."],
        ),
        ("‘cowards’ fled from the troops’ guns", []),
        ("Near ‘Azaz they must leave, after the rebels’ attacks.", []),
        ("In 'Amran they must leave Sana' now.", []),
        ("‘Abd al-Rahman said the soldiers’ withdrawal", []),
        ("The 'terrorists' must leave the 'state' now, said ‘Abd", []),
        ("He said 'leave Idlib's hills' and 'stay'.", ["stay"]),
        (f"‘{'a long way ' * 40}’", []),
        ("the troops’ guns and Idlib’s ‘heroes’", ["heroes"]),
        ("'The troops' withdrawal isn't over'", ["The troops' withdrawal isn't over"]),
        ("Idlib's and the troops' guns, Ma'arat's men's", []),
        ("in the '90s they shot 'em with the troops' guns, they did'", []),
        ("‘Ain Issa, Sa‘ada and Ma’arat", []),
        ("‘open\nnext’", []),
        ("“leave ‘now’ or” ‘never “ever” again’", ["leave ‘now’ or", "never “ever” again"]),
        ("قال ‘انسحبوا’ ثم", ["انسحبوا"]),
        ("a 5' gun and a 7' gun", []),
        ("«", []),
        ("", []),
    ],
)
def test_quotations_of_a_text(text: str, quoted: list[str]) -> None:
    """Straight, curly and angular marks, turned round, nested, and never closed; single ones, which were none."""
    assert [text[first:last] for first, last in quotations_in(text)] == quoted


def test_a_term_can_be_asked_for_in_quotations_only() -> None:
    """Or only outside of them."""
    quoted = engine_of({"phrase": "leave", "quoted": True})
    own = engine_of({"phrase": "leave", "quoted": False})
    assert fires(quoted, 'He said: "They must leave."')
    assert not fires(quoted, 'He "said" they must leave.')
    assert fires(own, 'He "said" they must leave.')
    assert not fires(own, 'He said: "They must leave."')


def test_words_that_reach_out_of_a_quotation_are_not_quoted() -> None:
    """They have to lie in it as a whole."""
    engine = engine_of({"near": {"within": 3, "of": ["must", "leave"]}, "quoted": True})
    assert fires(engine, "«must all leave»")
    assert not fires(engine, "«must all» leave")
