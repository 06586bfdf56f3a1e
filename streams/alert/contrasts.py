"""Decides whether two heads cannot be of one happening, and how their numbers stand to each other. Pure.

What is told apart: words with an opposite, places and actors, tolls that fall or leap, and titles that differ in one
word. Wire style repeats itself, so that the wording of all the rest says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import Enum
from itertools import product

from streams.alert.titles import Path, on_other_days, titles_differ
from streams.messages import Traits, opposite_of

SAME_DAY = timedelta(hours=18)
"""Copies further apart with wholly other numbers are an outlet's daily report in its usual words."""
MIN_DROP = 2.0
"""A later number this many times smaller is another happening; tolls grow, and are corrected by little."""
MIN_APART = 1.5
"""Counts of other things than victims that are so many times apart are of two happenings."""
LEAP, PLUNGE, BY = 5.0, 4.0, 20
"""A number that has become so many times larger, or smaller, and by so much, is another one."""


class Course(Enum):
    """How numbers of a later report stand to those of an earlier one."""

    SAME = "same"
    GROWN = "grown"
    LOWER = "lower"  # by little, as tolls are corrected
    FALLEN = "fallen"
    ANOTHER = "another"
    UNKNOWN = "unknown"


def contradicts(earlier: Traits, later: Traits, *, apart: timedelta, demand: bool = False) -> bool:
    """Whether two heads of like wording cannot be of one happening.

    Args:
        earlier: of the text that was seen first.
        later: of the other one.
        apart: how much later it was seen; negative when it was in fact the earlier one.
        demand: both are known to tell of a demand, where other numbers than those of the titles are of anything.
    """
    if apart < timedelta():
        return contradicts(later, earlier, apart=-apart, demand=demand)
    return (
        opposed(earlier, later)
        or _elsewhere(earlier, later)
        or bool(earlier.kinds and later.kinds and set(earlier.kinds).isdisjoint(later.kinds))
        or titles_differ(earlier, later)
        or on_other_days(earlier, later)
        or (
            _counts_differ(earlier.counted, later.counted)
            if demand
            else numbers_contradict(earlier, later, apart=apart)
        )
    )


def opposed(one: Traits, other: Traits) -> bool:
    """Whether one says the opposite of what the other says."""
    return not set(map(opposite_of, one.poles)).isdisjoint(other.poles)


def course_of(earlier: Iterable[int], later: Iterable[int]) -> Course:
    """How the later numbers stand to the earlier ones; the largest of each count where none is in both."""
    before, after = set(earlier), set(later)
    if not before or not after:
        return Course.UNKNOWN
    if before & after:
        return Course.SAME
    was, now = max(before), max(after)
    if _is_another(was, now):
        # Of several counts, the largest may be of something else: who died elsewhere, or in all of a war.
        likely = (pair for pair in product(before, after) if pair != (was, now))
        return Course.ANOTHER if all(_is_another(*pair) or _falls(*pair) for pair in likely) else Course.GROWN
    # Outlets write at other times: a later report may have an earlier toll.
    if all(_falls(one, now) or _is_another(one, now) for one in before):
        return Course.FALLEN
    return Course.GROWN if now > was else Course.LOWER


def _is_another(was: int, now: int) -> bool:
    return now >= max(LEAP * was, was + BY) or was >= max(PLUNGE * now, now + BY)


def _falls(was: int, now: int) -> bool:
    return was >= MIN_DROP * now


def numbers_contradict(earlier: Traits, later: Traits, *, apart: timedelta) -> bool:
    """Whether two texts of like wording have no number in common and cannot be of one happening: see the constants."""
    before, after = {*earlier.numbers, *earlier.deaths}, {*later.numbers, *later.deaths}
    deaths = course_of(earlier.deaths, later.deaths)
    if deaths is Course.ANOTHER:
        return True
    if not before or not after or before & after:
        return False
    if course_of(before, after) is Course.ANOTHER or _counts_differ(earlier.counted, later.counted):
        return True
    if deaths is Course.UNKNOWN:
        return apart > SAME_DAY or max(before) >= MIN_DROP * max(after)
    return apart > SAME_DAY or deaths is Course.FALLEN


def _counts_differ(some: Sequence[int], others: Sequence[int]) -> bool:
    """Whether titles count other things than victims, of whom more are found, and differ in it by much."""
    least, most = sorted((max(some, default=0), max(others, default=0)))
    return bool(least) and most >= MIN_APART * least


def related(one: Path, other: Path) -> bool:
    """Whether two paths are of one thing, or one lies within the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def narrowest(paths: Iterable[Path]) -> set[Path]:
    """The paths without those in which another one lies."""
    own = set(paths)
    return {path for path in own if not any(path != other and other[: len(path)] == path for other in own)}


def _elsewhere(one: Traits, other: Traits) -> bool:
    """Whether both name something of one gazetteer, and nothing of it is in both; a Turk and Turkey are of one name."""
    gazetteers = {path[0] for path in one.names} & {path[0] for path in other.names}
    for name in gazetteers:
        mine, theirs = _of(name, one.names), _of(name, other.names)
        if not (_meet(mine, theirs) or _named_alike(mine, other.names) or _named_alike(theirs, one.names)):
            return True
    return False


def _of(gazetteer: str, names: Iterable[Path]) -> set[Path]:
    return narrowest(path for path in names if path[0] == gazetteer)


def _named_alike(some: Iterable[Path], others: Iterable[Path]) -> bool:
    """Whether an entry of one gazetteer has the id of an entry of any."""
    return not {path[-1] for path in some}.isdisjoint(path[-1] for path in others)


def _meet(some: Iterable[Path], others: Iterable[Path]) -> bool:
    rest = list(others)
    return any(related(one, other) for one in some for other in rest)
