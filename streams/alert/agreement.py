"""Counts in points how far a report agrees with what is known of a happening. Pure.

The weights began as a logistic regression on the incidents of `tests/data/incidents.jsonl` that are marked `tuned`,
`own` and `blind`, and were moved one by one while that brought fewer alerts, a mixed or a lost one counted as three.
Those of violence, and what is enough, were moved again on all parts that may be read: by what fits agreed on of which
each left a part out, and by the mean over forty draws of noise on all weights, so that a choice holds beside its exact
value too. Those of demands were moved once more by how often each finding is in 494 pairs of one demand and in 171 of
two, where that agreed with fewer alerts. Figures on others stand in the architecture page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from streams.alert.contrasts import Course, course_of
from streams.alert.copies import overlap
from streams.alert.outline import Outline
from streams.alert.report import VIOLENT
from streams.alert.slots import Agreement, agreed, agreed_actors, agreed_places, in_one_country
from streams.alert.titles import at_other_hours

LONG = timedelta(hours=16)
"""Two reports of one spot that are further apart need more besides the spot."""
FOREIGN = "foreign"
"""The entry of the gazetteer of nationalities that names none."""
RARE = 10
"""Numbers of dead from here on are hardly the same by chance."""
_ALIKE, _SIMILAR = 0.5, 0.3
_SEVERAL = 2
_MANY = 4
"""Unknown Arabic words in common, of which each may be a name, that are hardly there by chance."""
_RARE_KINDS = frozenset({"planted", "killing"})
_NEVER = float("-inf")
_IN_VIOLENCE = {
    "place same": 3.0,
    "place near": 1.25,
    "place by": 2.5,
    "place aside": 1.0,
    "place beside": -1.5,
    "place apart": -0.25,
    "place wider": 1.0,
    "place worded": 1.5,
    "place unlike": -1.0,
    "long": -2.5,
    "long same day": -0.75,
    "day shared": 0.75,
    "days apart": -1.0,
    "other hour": -1.0,
    "opposed": -1.0,
    "toll same": 0.25,
    "toll rare": 1.0,
    "toll grown": 1.25,
    "toll raised": 1.0,
    "toll lower": 0.25,
    "toll fallen": -2.0,
    "toll another": -4.0,
    "number same": 0.5,
    "kind alike": 0.25,
    "kind rare": 1.75,
    "kind other": -1.75,
    "means same": 0.0,
    "means other": -1.25,
    "target same": 0.5,
    "target other": -1.5,
    "scene same": 0.5,
    "name shared": 1.0,
    "names alike": 0.75,
    "who same": 0.25,
    "whose same": 0.25,
    "states shared": 0.5,
    "states equal": 0.25,
    "words alike": 0.5,
    "words similar": 1.0,
}
_IN_DEMANDS = {
    **_IN_VIOLENCE,
    "place same": 2.0,
    "place near": 1.25,
    "place by": 2.0,
    "place aside": 1.0,
    "place beside": -0.5,
    "place apart": -0.5,
    "place wider": 0.25,
    "place worded": 2.0,
    "place unlike": -0.25,
    "place other": -1.0,
    "long": -0.25,
    "long same day": 0.25,
    "day shared": 0.0,
    "days apart": 0.0,
    "other hour": 0.0,
    "opposed": 0.0,
    "toll grown": 0.75,
    "toll fallen": -1.5,
    "number same": 1.5,
    "target same": 1.0,
    "target other": 0.0,
    "who same": 1.5,
    "who worded": 1.0,
    "who other": -2.5,
    "whose same": 1.0,
    "whose other": -2.25,
    "whose absent": -0.75,
    "roles reversed": -0.25,
    "scene same": 0.25,
    "name alike": 0.5,
    "names alike": 1.0,
    "states shared": 1.0,
    "states and who": 0.5,
    "states equal": 1.5,
    "words alike": 2.0,
    "words similar": 1.5,
    "negated other": 0.0,
    "count other": -2.0,
}
"""What each finding of `evidence` says for one happening. Among violence, who did it is said in many ways, and wrongly;
of a demand it is all that tells it from others."""


def agreement(known: Outline, said: Outline, *, apart: timedelta) -> float:
    """The points for one happening: place, actors, tolls, what was done to whom, and how alike the heads are.

    A place elsewhere rules it out. A place at one spot is nearly enough: little happens twice there in a few hours
    under one rule.

    Args:
        known: what is known.
        said: what a report of the same rule says.
        apart: how much later than the first one it was seen.
    """
    violence = _of_violence(known, said)
    place = agreed_places(known.where, said.where)
    if place is Agreement.OTHER and (violence or not _may_be_there(known, said)):
        return _NEVER
    points = _IN_VIOLENCE if violence else _IN_DEMANDS
    found = evidence(known, said, place, apart=apart, violence=violence)
    return sum(points.get(name, 0.0) for name in found)


def _may_be_there(known: Outline, said: Outline) -> bool:
    """Whether other places may be of one demand: in one country, or of the same states, whose troops they may be."""
    return in_one_country(known.where, said.where) or len(known.heads & said.heads) >= _SEVERAL


def _of_violence(known: Outline, said: Outline) -> bool:
    """Whether the rule says so, or else the words; a demand may tell of the dead, and of the fighting for it."""
    if said.event:
        return said.event in VIOLENT
    return not known.is_demand and (known.is_violence or said.is_violence)


def evidence(known: Outline, said: Outline, place: Agreement, *, apart: timedelta, violence: bool) -> Iterator[str]:
    """What speaks for one happening, or against it, by name; as often as it does."""
    yield f"place {place.value}"
    yield from _times(known, said, apart, at_spot=place is Agreement.SAME)
    if known.against & said.poles:
        yield "opposed"
    yield from _tolls(known, said, earlier=apart < timedelta())
    if violence:
        yield from _kinds(known, said)
    yield from _scenes(known, said)
    who, whose = agreed_actors(known, said), agreed(known.actors.whose, said.actors.whose)
    yield f"who {who.value}"
    yield f"whose {whose.value}"
    yield from _counts_and_names(known, said)
    if known.traits.negated != said.traits.negated:
        yield "negated other"
    if not violence:
        yield from _roles(known, said, absent=whose is not Agreement.SAME)
        if who is Agreement.OTHER:
            return  # whoever demands a thing does it in the usual words
    yield from _wordings(known, said, by_one=who is Agreement.SAME)


def _wordings(known: Outline, said: Outline, *, by_one: bool) -> Iterator[str]:
    """Which states the heads name, and how alike they are."""
    if len(known.heads & said.heads) >= _SEVERAL:
        yield "states shared"
        if by_one:
            yield "states and who"
        if known.heads == said.heads:
            yield "states equal"
    if known.words and said.words:
        likeness = overlap(known.words, said.words)
        if likeness >= _SIMILAR:
            yield "words alike" if likeness >= _ALIKE else "words similar"


def _counts_and_names(known: Outline, said: Outline) -> Iterator[str]:
    """Whether titles count other things, as hours of two ultimatums, and whether both name what no gazetteer knows."""
    before, now = known.traits.counted, said.traits.counted
    if before and now and set(before).isdisjoint(now):
        yield "count other"
    if not (known.latin.isdisjoint(said.arabic) and known.arabic.isdisjoint(said.latin)):
        yield "name shared"
    latin = len(known.latin & said.latin)
    if latin >= _SEVERAL or len(known.arabic & said.arabic) >= _MANY:
        yield "names alike"
    elif latin:
        yield "name alike"


def _times(known: Outline, said: Outline, apart: timedelta, *, at_spot: bool) -> Iterator[str]:
    """What days and hours say; at one spot the day on which somebody told of it says nothing."""
    if abs(apart) > LONG:
        yield "long same day" if are_of_one_day(known, said, apart) else "long"
    days = said.days if at_spot else said.days | said.said_on
    if known.days and days:
        if not known.days.isdisjoint(days):
            yield "day shared"
        elif not are_of_one_day(known, said, apart):
            yield "days apart"
    if at_other_hours(known.traits, said.traits):
        yield "other hour"


def are_of_one_day(known: Outline, said: Outline, apart: timedelta) -> bool:
    """Whether both are about one day: that which both name, or on which one was seen and which the other names."""
    if said.seen_at is None:
        return False
    before, now = known.days | {(said.seen_at - apart).date()}, said.days | {said.seen_at.date()}
    return bool((known.days | said.days) & before & now)


def _tolls(known: Outline, said: Outline, *, earlier: bool) -> Iterator[str]:
    if known.deaths and said.deaths:
        before, after = (said, known) if earlier else (known, said)
        course = course_of(before.deaths, after.deaths)
        yield "toll rare" if max(before.deaths & after.deaths, default=0) >= RARE else f"toll {course.value}"
        if course is Course.GROWN and "raise|lower" in after.poles:
            yield "toll raised"
    elif known.numbers & said.numbers:
        yield "number same"


def _kinds(known: Outline, said: Outline) -> Iterator[str]:
    """What was done, and with what."""
    if known.kinds and said.kinds:
        both = known.kinds & said.kinds
        yield "kind rare" if both & _RARE_KINDS else "kind alike" if both else "kind other"
        if known.means and said.means:
            yield "means other" if known.means.isdisjoint(said.means) else "means same"


def _scenes(known: Outline, said: Outline) -> Iterator[str]:
    """To whom or what it was done."""
    if known.targets and said.targets:
        yield from ["target same"] * len(known.targets & said.targets) or ["target other"]
    yield from ["scene same"] * len(known.scenes & said.scenes)


def _roles(known: Outline, said: Outline, *, absent: bool) -> Iterator[str]:
    """Whether the one whose forces are to leave asks in the other report, or is not even named there."""
    before, now = known.actors, said.actors
    if absent and (_is_absent(known, said) or _is_absent(said, known)):
        yield "whose absent"
    reversed_ = before.who & now.owners or before.owners & now.who
    if reversed_ and not (before.who & now.who or before.owners & now.owners):
        yield "roles reversed"


def _is_absent(one: Outline, other: Outline) -> bool:
    """Whether another head names others, but not whose doing it is about."""
    absent = bool(one.actors.owners and other.heads) and one.actors.owners.isdisjoint(other.heads)
    return absent and not (_speaks_of_foreigners(other) and not other.actors.owners)


def _speaks_of_foreigners(outline: Outline) -> bool:
    """Whether a head says that somebody is foreign, and may mean any."""
    return any(path[-1] == FOREIGN for path in outline.traits.names)
