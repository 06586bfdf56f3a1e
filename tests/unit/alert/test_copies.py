"""What is a copy of a text, and what cannot be, however alike the wording."""

from __future__ import annotations

from datetime import timedelta

import pytest

from streams.alert.contrasts import contradicts
from streams.alert.copies import Likeness, story_of
from streams.alerts import KnownText
from streams.messages import Match, Sketch, Traits
from tests.support.alerting import NOON, match

HOUR = timedelta(hours=1)
IDLIB, SARAQIB, ARIHA = ("syria", "idlib"), ("syria", "idlib", "saraqib"), ("syria", "idlib", "ariha")


def text(story: str = "s0", *, hours: float = -1, traits: Traits | None = None, pairs: int = 0) -> KnownText:
    return KnownText(
        story=story, pairs=pairs, triples=20, traits=traits or Traits(), seen_at=NOON + hours * timedelta(hours=1)
    )


def later(**traits: object) -> Match:
    """A match at NOON with a sketch of 20 triples and 10 pairs."""
    sketch = Sketch(words=300, pairs=tuple(range(10)), triples=tuple(range(20)))
    return match(story="own").model_copy(update={"sketch": sketch, "traits": Traits(**traits)})


@pytest.mark.parametrize(
    ("triples", "pairs", "of_pairs", "same"),
    [(10, 0, 0, True), (9, 0, 0, False), (20, 0, 0, True), (0, 3, 6, True), (0, 2, 4, False), (0, 3, 7, False)],
)
def test_half_of_the_smaller_sketch_and_three_prints_make_a_copy(
    triples: int, pairs: int, of_pairs: int, *, same: bool
) -> None:
    """Of either kind of prints; fewer than three say nothing, whatever part they are."""
    likeness = Likeness(text(pairs=of_pairs), pairs=pairs, triples=triples)
    assert story_of(later(), None, [likeness]) == ("s0" if same else "own")


def test_the_most_alike_text_gives_the_story() -> None:
    """Of two texts that would do, the one that shares the larger part."""
    some = [Likeness(text("s1"), 0, 12), Likeness(text("s2"), 0, 15), Likeness(text("s3"), 0, 9)]
    assert story_of(later(), None, some) == "s2"


@pytest.mark.parametrize(("hours", "same"), [(-71.9, True), (-72.1, False), (71.9, True), (72.1, False)])
def test_a_text_is_looked_for_three_days_in_both_directions(hours: float, *, same: bool) -> None:
    """By `seen_at`, also where the known text was seen later (messages come out of order)."""
    assert story_of(later(), None, [Likeness(text(hours=hours), 0, 20)]) == ("s0" if same else "own")


@pytest.mark.parametrize(
    ("earlier", "other", "apart", "differ"),
    [
        ({"poles": ("withdraw|deploy",)}, {"poles": ("deploy|withdraw",)}, 1, True),
        ({"poles": ("withdraw|deploy",)}, {"poles": ("withdraw|deploy", "begin|end")}, 1, False),
        ({"names": (SARAQIB,)}, {"names": (ARIHA,)}, 1, True),
        ({"names": (IDLIB, SARAQIB)}, {"names": (IDLIB, ARIHA)}, 1, True),
        ({"names": (IDLIB,)}, {"names": (ARIHA,)}, 1, False),
        ({"names": (SARAQIB, ARIHA)}, {"names": (ARIHA,)}, 1, False),
        ({"names": (SARAQIB,)}, {"names": (("actors", "russia"),)}, 1, False),
        ({"names": (SARAQIB,)}, {}, 1, False),
        ({"numbers": (5,)}, {"numbers": (7,)}, 1, False),
        ({"numbers": (14,)}, {"numbers": (7,)}, 1, True),
        ({"numbers": (5,)}, {"numbers": (7,)}, 19, True),
        ({"numbers": (5, 9)}, {"numbers": (9,)}, 30, False),
        ({"numbers": (14,)}, {"numbers": (7,)}, -1, False),
        ({"numbers": (12,)}, {"numbers": (40,)}, 1, False),
        ({"numbers": (12,)}, {"numbers": (60,)}, 1, True),
        ({"numbers": (6,), "counted": (6,)}, {"numbers": (9,), "counted": (9,)}, 1, True),
        ({"numbers": (6,), "counted": (6,)}, {"numbers": (8,), "counted": (8,)}, 1, False),
        ({"deaths": (12,)}, {"deaths": (60,)}, 1, True),
        ({"numbers": (4,)}, {"numbers": (23,)}, 1, False),
        ({"deaths": (5,), "numbers": (5, 40)}, {"deaths": (6,), "numbers": (6, 9)}, 1, False),
        ({"title": (2, 4, 6, 8)}, {"title": (2, 4, 10, 8)}, 1, True),
        ({"title": (2, 4, 6, 8)}, {"title": (2, 4, 6, 10, 8)}, 1, False),
        ({"title": (7, 4, 3, 8)}, {"title": (3, 4, 7, 8)}, 1, True),
        ({"title": (5, 4, 1, 8)}, {"title": (1, 4, 5, 8)}, 1, False),
        ({"title": (7, 4, 3, 8)}, {"title": (7, 8, 4, 3)}, 1, False),
        ({"title": (2, 4, 6, 8)}, {"title": (2, 4, 6, 10, 12)}, 1, True),
        ({"title": (2, 4, 6, 8)}, {"title": (2, 4, 6, 10, 12, 14)}, 1, False),
        ({"title": (2, 4, 1)}, {"title": (2, 4, 3, 5)}, 1, True),
        ({"title": (2, 4, 6, 8)}, {"title": (10, 12, 14, 8)}, 1, False),
        ({"title": (2, 4, 6, 8)}, {"title": (2, 4, 6, 8)}, 1, False),
        ({"title": (2, 4)}, {"title": (2, 6)}, 1, False),
        ({"kinds": ("bombardment",)}, {"kinds": ("planted",)}, 1, True),
        ({"kinds": ("bombardment",)}, {"kinds": ("ground", "bombardment")}, 1, False),
    ],
)
def test_what_contradicts(earlier: dict[str, object], other: dict[str, object], apart: float, *, differ: bool) -> None:
    """Opposite words, places apart, a toll that falls or leaps, other numbers on another day, a word exchanged.

    An update of a toll, another headline and an added word do not.
    """
    one, two = (Traits(**traits) for traits in (earlier, other))
    assert contradicts(one, two, apart=apart * HOUR) is differ


def test_turks_and_turkey_were_other_names() -> None:
    """Gazetteers of states and of nationalities have one id for both; another one's names are others."""
    turks, turkey, iraq = ("nationalities", "turkey"), ("actors", "turkey"), ("nationalities", "iraq")
    one, other = Traits(names=(turks, turkey)), Traits(names=(iraq, turkey))
    assert not contradicts(one, other, apart=HOUR)
    assert not contradicts(other, one, apart=HOUR)
    assert contradicts(Traits(names=(turks,)), Traits(names=(iraq,)), apart=HOUR)


def test_votes_and_dates_set_demands_apart() -> None:
    """Beside a demand numbers are of anything, but for those of the titles."""
    votes, dead = Traits(numbers=(223, 201)), Traits(numbers=(4,))
    assert contradicts(votes, dead, apart=HOUR)
    assert not contradicts(votes, dead, apart=HOUR, demand=True)
    assert not contradicts(dead, votes, apart=-HOUR, demand=True)
    longer, shorter = (Traits(numbers=(hours,), counted=(hours,)) for hours in (48, 24))
    assert contradicts(longer, shorter, apart=HOUR, demand=True)


@pytest.mark.parametrize(
    ("words", "shared", "short", "same"),
    [
        ((6, 7, 8, 9, 10), 15, False, False),
        ((5, 6, 7, 8, 9), 15, False, True),
        ((6, 7, 8, 9, 10), 16, False, True),
        ((4, 5, 6, 7, 8), 18, True, False),
        ((3, 4, 5, 6, 7), 18, True, True),
        ((6, 7, 8, 9, 10), 19, True, True),
    ],
)
def test_what_only_the_outlet_adds_makes_no_copy(
    words: tuple[int, ...], shared: int, *, short: bool, same: bool
) -> None:
    """Half of the prints are not enough with hardly a word of the beginning; in a short text it takes more of both."""
    known = text(traits=Traits(words=(1, 2, 3, 4, 5)), pairs=20 if short else 0)
    prints = tuple(range(20))
    mine = later(words=words).model_copy(update={"sketch": Sketch(pairs=prints if short else (), triples=prints)})
    likeness = Likeness(known, pairs=shared if short else 0, triples=3 if short else shared)
    assert story_of(mine, None, [likeness]) == ("s0" if same else "own")


def test_one_sentence_under_two_headlines_that_contradict_is_two_stories() -> None:
    """A short item may say only "The ministry said so." A re-print of either joins its own, days later neither."""
    known = text("s9", traits=Traits(poles=("withdraw|deploy",)))
    other = later(poles=("deploy|withdraw",))
    assert story_of(later(poles=("withdraw|deploy",)), known, []) == "s9"
    assert story_of(later(), known, []) == "s9"
    assert story_of(other, known, []).startswith("own-")
    assert story_of(other, known, []) == story_of(other, known, [])
    later_still = other.model_copy(update={"seen_at": NOON + 80 * HOUR})
    assert story_of(later_still, known, []) not in {"own", "s9", story_of(other, known, [])}


def test_a_contradiction_parts_the_closest_copies() -> None:
    """All 20 prints are shared, and still it is another story: withdrawing and deploying."""
    known = text(traits=Traits(poles=("withdraw|deploy",)), pairs=10)
    assert story_of(later(poles=("deploy|withdraw",)), None, [Likeness(known, 10, 20)]) == "own"
