"""Counts in points how far a report agrees with what is known of a happening. Pure.

The weights are rounded from a logistic regression on the incidents of `tests/data/incidents.jsonl` that are marked
`tuned`, `own` and `blind`, each drawn towards what was thought before; figures on the others stand in the architecture
page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from streams.alert.contrasts import Course, course_of, opposed
from streams.alert.copies import overlap
from streams.alert.report import WHO, WHOSE, Report, named, states_of
from streams.alert.slots import Agreement, agreed_actors, agreed_places, heard_in, in_one_country
from streams.alert.titles import on_other_days
from streams.alerts import Happening
from streams.messages import Traits

LATE, LONG = timedelta(hours=8), timedelta(hours=16)
"""The further apart two reports of one spot are, the more they need besides the spot."""
RARE = 10
"""Numbers of dead from here on are hardly the same by chance."""
_ALIKE, _SIMILAR = 0.5, 0.3
_SEVERAL = 2
_DEMANDS = frozenset({"demand|refuse", "withdraw|deploy", "go|stay"})
_SURE_DEMANDS = frozenset({"demand|refuse", "withdraw|deploy"})
_HOURS = ("dawn", "morning", "noon", "evening")
"""In their order; a night is the one before the day or the one after it."""
_NEVER = float("-inf")
_IN_VIOLENCE = {
    "place same": 2.75,
    "place near": 2.0,
    "place aside": 1.0,
    "place beside": -0.5,
    "place wider": 0.75,
    "place worded": 1.5,
    "place unlike": -1.0,
    "late": -0.25,
    "long": -1.75,
    "other day": -0.5,
    "other hour": -1.0,
    "opposed": -1.0,
    "toll same": 0.25,
    "toll rare": 1.0,
    "toll grown": 0.75,
    "toll raised": 1.0,
    "toll lower": 0.0,
    "toll fallen": -1.0,
    "toll another": _NEVER,
    "number same": 0.5,
    "kind alike": 0.25,
    "kind rare": 1.0,
    "kind other": -1.25,
    "means same": 0.0,
    "means other": -1.0,
    "target same": 0.5,
    "target other": -1.25,
    "scene same": 0.5,
    "who same": 0.25,
    "whose same": 0.25,
    "states shared": 0.25,
    "states equal": 0.25,
    "words alike": 0.75,
    "words similar": 1.0,
}
_IN_DEMANDS = {
    **_IN_VIOLENCE,
    "place same": 2.0,
    "place near": 1.25,
    "place wider": 0.25,
    "toll same": 1.0,
    "place unlike": 0.0,
    "late": 0.0,
    "long": 0.0,
    "other day": 0.0,
    "other hour": 0.0,
    "opposed": -1.5,
    "target same": 1.0,
    "target other": -0.5,
    "who same": 1.0,
    "whose same": 1.0,
    "who other": -1.75,
    "whose other": -1.5,
    "whose absent": -0.75,
    "roles reversed": -1.5,
    "states shared": 0.5,
    "states and who": 0.5,
    "states equal": 1.0,
    "words alike": 2.0,
}
"""What each finding of `evidence` says for one happening. Among violence, who did it is said in many ways, and wrongly;
of a demand it is all that tells it from others."""


def agreement(happening: Happening, report: Report, *, apart: timedelta) -> float:
    """The points for one happening: place, actors, tolls, what was done to whom, and how alike the heads are.

    A place elsewhere rules it out. A place at one spot is nearly enough: little happens twice there in a few hours
    under one rule.

    Args:
        happening: what is known.
        report: of the same rule.
        apart: how much later than the first one it was seen.
    """
    violence = _are_violence(happening.traits, report.match.traits)
    place = agreed_places(happening, report)
    if place is Agreement.OTHER and (violence or not in_one_country(happening, report)):
        return _NEVER
    points = _IN_VIOLENCE if violence else _IN_DEMANDS
    found = evidence(happening, report, place, apart=apart, violence=violence)
    return sum(points.get(name, 0.0) for name in found)


def evidence(
    happening: Happening, report: Report, place: Agreement, *, apart: timedelta, violence: bool
) -> Iterator[str]:
    """What speaks for one happening, or against it, by name; as often as it does."""
    known, said = happening.traits, report.match.traits
    yield f"place {place.value}"
    yield from _lateness(apart)
    yield from _times(known, said)
    if opposed(known, said):
        yield "opposed"
    yield from _tolls(known, said, earlier=apart < timedelta())
    yield from _scenes(known, said, violence=violence)
    actors = agreed_actors(happening, report)
    for slot, agreed in actors.items():
        yield f"{slot} {agreed.value}"
    if not violence:
        yield from _roles(happening, report, absent=actors.get(WHOSE) is not Agreement.SAME)
        if actors[WHO] is Agreement.OTHER:
            return  # whoever demands a thing does it in the usual words
    if len(named(known.actors) & named(said.actors)) >= _SEVERAL:
        yield "states shared"
        if actors[WHO] is Agreement.SAME:
            yield "states and who"
        if set(known.actors) == set(said.actors):
            yield "states equal"
    likeness = overlap(known.words, said.words) if known.words and said.words else 0.0
    if likeness >= _SIMILAR:
        yield "words alike" if likeness >= _ALIKE else "words similar"


def _lateness(apart: timedelta) -> Iterator[str]:
    if abs(apart) > LATE:
        yield "late"
    if abs(apart) > LONG:
        yield "long"


def _times(known: Traits, said: Traits) -> Iterator[str]:
    if on_other_days(known, said):
        yield "other day"
    hours = [sorted(_HOURS.index(hour) for hour in traits.hours if hour in _HOURS) for traits in (known, said)]
    if all(hours) and (hours[0][0] - hours[1][-1] > 1 or hours[1][0] - hours[0][-1] > 1):
        yield "other hour"


def _are_violence(known: Traits, said: Traits) -> bool:
    """Whether something was done, and not demanded of those who do such things, as what is known says before the rest.

    A demand may tell of the dead, and of the fighting for which it is made.
    """
    if _SURE_DEMANDS.isdisjoint(known.poles):
        return _is_violence(known) or _is_violence(said)
    return False


def _is_violence(traits: Traits) -> bool:
    return bool(traits.kinds or traits.deaths or "blast" in traits.scenes) and _DEMANDS.isdisjoint(traits.poles)


def _tolls(known: Traits, said: Traits, *, earlier: bool) -> Iterator[str]:
    before, after = (said, known) if earlier else (known, said)
    course = course_of(before.deaths, after.deaths)
    if course is not Course.UNKNOWN:
        yield "toll rare" if max({*before.deaths} & {*after.deaths}, default=0) >= RARE else f"toll {course.value}"
        if course is Course.GROWN and "raise|lower" in after.poles:
            yield "toll raised"
    elif set(before.numbers) & set(after.numbers):
        yield "number same"


def _scenes(known: Traits, said: Traits, *, violence: bool) -> Iterator[str]:
    """What was done, and to whom or what."""
    if violence and known.kinds and said.kinds:
        both = set(known.kinds) & set(said.kinds)
        yield "kind rare" if both & {"planted", "killing"} else "kind alike" if both else "kind other"
        if known.means and said.means:
            yield "means other" if set(known.means).isdisjoint(said.means) else "means same"
    yield from ("target same" for _ in set(known.targets) & set(said.targets))
    if known.targets and said.targets and set(known.targets).isdisjoint(said.targets):
        yield "target other"
    yield from ("scene same" for _ in set(known.scenes) & set(said.scenes))


def _roles(happening: Happening, report: Report, *, absent: bool) -> Iterator[str]:
    """Whether the one whose forces are to leave asks in the other report, or is not even named there."""
    heard, known, said = heard_in(happening), happening.traits, report.match.traits
    if absent and (_is_absent(heard, said) or _is_absent(report.values, known)):
        yield "whose absent"
    (who, whose), (now_who, now_whose) = (
        (states_of(named(values.get(WHO, ()))), states_of(named(values.get(WHOSE, ()))))
        for values in (heard, report.values)
    )
    if (who & now_whose or whose & now_who) and not (who & now_who or whose & now_whose):
        yield "roles reversed"


def _is_absent(values: Mapping[str, tuple[str, ...]], head: Traits) -> bool:
    """Whether another head names others, but not whose doing it is about."""
    whose = states_of(named(values.get(WHOSE, ())))
    return bool(whose and head.actors) and whose.isdisjoint(head.actors)
