"""What speaks for one happening when two independent reports name one spot, and what against it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from streams.alert.happenings import agreement_with, differ, news_in
from streams.alert.outline import outline_of
from streams.alert.report import Report
from streams.alerts import AlertRecord, Happening, Reason
from streams.messages import Entity, Match, Severity, Traits
from tests.support.alerting import NOON, fired, match

TOWN = ("syria", "idlib", "abu")
AIRPORT = (*TOWN, "airport")
NEXT = ("syria", "idlib", "next")
PROVINCE = TOWN[:2]
POINTS = {PROVINCE: None, TOWN: (35.73, 37.12), AIRPORT: (35.73, 37.10), NEXT: (35.75, 37.15)}
ONE: dict[str, Any] = {"words": tuple(range(20))}
OTHER: dict[str, Any] = {"words": tuple(range(30, 50))}
"""Heads that have no word in common."""


def report(*places: tuple[str, ...], event: str = "", hours: float = 0, **traits: Any) -> Report:
    """A report of what happened at these places, by a rule about such events."""
    named = tuple(
        Entity(text=p[-1], name=p[-1], type="governorate" if p == PROVINCE else "town", path=p, point=POINTS[p])
        for p in places
    )
    told = fired("violence", event=event, slots={"where": tuple(p[-1] for p in places)}, entities={"where": named})
    found: Match = match(f"a{hours}", told, seen_at=NOON + timedelta(hours=hours))
    return Report.of(found.model_copy(update={"traits": Traits(**traits)}), told)


def are_one(first: Report, second: Report, known: Happening | None = None) -> bool:
    """Whether the second comes under the alert of the first, of whose happening so much is known."""
    record = AlertRecord(
        id="a",
        rule="violence",
        title="",
        severity=Severity.HIGH,
        story="s",
        headline="",
        reason=Reason.FIRST,
        number=1,
        articles=1,
        told_at=NOON,
        first_seen_at=NOON,
        last_seen_at=NOON,
        happening=known or news_in(Happening(), first),
    )
    said, seen_at = outline_of(second), second.match.seen_at
    return agreement_with(record, said, seen_at=seen_at) is not None and not differ(record, said, seen_at=seen_at)


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (report(TOWN, headed=(TOWN,), kinds=("ground",)), report(AIRPORT, headed=(AIRPORT,), kinds=("ground",)), True),
        (report(TOWN, headed=(TOWN,), kinds=("ground",)), report(NEXT, headed=(NEXT,), kinds=("ground",)), False),
    ],
    ids=["the airport of the town", "the next town"],
)
def test_a_place_within_the_other_title_is_there(first: Report, second: Report, *, one: bool) -> None:
    """Two towns in two titles are two places, a town and what lies in it are one."""
    assert are_one(first, second) is one


def test_a_town_named_in_passing_is_no_place_of_it() -> None:
    """Guns west of one town fire at the next one."""
    there = report(TOWN, kinds=("bombardment",), headed=(TOWN,))
    fired_at: dict[str, Any] = {"names": (NEXT, TOWN), "kinds": ("bombardment",)}
    assert are_one(there, report(TOWN, NEXT, **fired_at))
    assert not are_one(there, report(TOWN, NEXT, aside=(TOWN,), **fired_at))


@pytest.mark.parametrize(
    ("before", "after", "one"),
    [((5,), (100,), False), ((5, 100), (6,), True), ((100,), (6,), False), ((5, 100), (40,), False)],
    ids=["leaps", "the dead of elsewhere", "falls", "neither"],
)
def test_of_several_tolls_one_goes_on(before: tuple[int, ...], after: tuple[int, ...], *, one: bool) -> None:
    """A report may count those who died elsewhere the day before."""
    assert are_one(report(TOWN, deaths=before, **ONE), report(TOWN, hours=1, deaths=after, **OTHER)) is one


def test_guns_at_one_village_and_a_raid_on_the_next_are_two() -> None:
    """An hour later, four dead where there were five: a toll that is lower speaks for nothing."""
    raid: dict[str, Any] = {"kinds": ("bombardment",), "deaths": (4,), **OTHER}
    first = report(TOWN, deaths=(5,), means=("guns",), kinds=("bombardment",), **ONE)
    assert are_one(first, report(NEXT, hours=1, means=("guns",), **raid))
    assert not are_one(first, report(NEXT, hours=1, means=("air",), **raid))


def test_opposite_words_count_where_the_rest_is_said_alike() -> None:
    """In independent words "fell to the army" and "the army captured" say the same."""
    same: dict[str, Any] = {"deaths": (4,), "kinds": ("ground",)}
    captured = report(TOWN, poles=("take|yield",), **same, **ONE)
    assert are_one(captured, report(TOWN, hours=1, poles=("yield|take",), **same, **OTHER))
    assert not are_one(captured, report(TOWN, hours=1, poles=("yield|take",), **same, **ONE))


def test_a_demand_that_tells_of_the_dead_is_still_one() -> None:
    """Who asks is not told by who died, and another kind of violence says nothing against it."""
    asked = report(TOWN, poles=("withdraw|deploy",), kinds=("ground",), actors=("ARM", "AZE"), **ONE)
    again: dict[str, Any] = {"kinds": ("bombardment",), "actors": ("ARM", "AZE")}
    assert are_one(asked, report(TOWN, hours=2, deaths=(105,), **again, **OTHER))


@pytest.mark.parametrize(
    ("before", "days", "one"),
    [((), ("sunday",), True), (("sunday",), ("sunday",), True), ((), (), False), ((), ("monday",), False)],
    ids=["the day on which it was told", "the day that it named", "no day", "its own day"],
)
def test_a_report_of_the_next_day_may_look_back(before: tuple[str, ...], days: tuple[str, ...], *, one: bool) -> None:
    """NOON is a Sunday: twenty hours later "on Sunday" is what was told then, anything else may be another raid."""
    first = report(TOWN, kinds=("bombardment",), days=before, **ONE)
    assert are_one(first, report(TOWN, hours=20, kinds=("bombardment",), days=days, **OTHER)) is one


@pytest.mark.parametrize(("dates", "one"), [(((3, 1),), True), (((2, 28),), False), (((3, 2),), False)])
def test_a_report_of_the_next_day_may_give_the_date(dates: tuple[tuple[int, int], ...], *, one: bool) -> None:
    """NOON is of 1 March: what is told of another day, or of the report's own, may be another raid."""
    first = report(TOWN, kinds=("bombardment",), **ONE)
    assert are_one(first, report(TOWN, hours=20, kinds=("bombardment",), dates=dates, **OTHER)) is one


@pytest.mark.parametrize(("days", "one"), [(("saturday",), True), (("friday",), False)])
def test_the_days_of_every_report_are_of_the_happening(days: tuple[str, ...], *, one: bool) -> None:
    """NOON is a Sunday: the first report names no day, the second one the Saturday, and the third looks back."""
    raid: dict[str, Any] = {"kinds": ("bombardment",), "means": ("air",), "deaths": (4,)}
    first, second = report(TOWN, **raid, **ONE), report(TOWN, hours=1, days=("saturday",), **raid, **ONE)
    known = news_in(news_in(Happening(), first), second)
    assert are_one(first, report(TOWN, hours=20, days=days, **raid, **OTHER), known) is one


def test_the_day_on_which_somebody_told_of_it_is_not_that_of_a_raid() -> None:
    """Of one spot; of a whole province it is all that is said of the day."""
    raid: dict[str, Any] = {"kinds": ("bombardment",), "deaths": (12,)}
    said = {"days": ("saturday",), "said_on": ("saturday",), **raid, **OTHER}

    def are_one_at(*place: str, **traits: Any) -> bool:
        first = report(place, event="ASSAULT", days=("friday",), scenes=("home",), **raid, **ONE)
        return are_one(first, report(place, event="ASSAULT", hours=20, scenes=("home",), **traits))

    assert are_one_at(*TOWN, **said)
    assert not are_one_at(*TOWN, **{**said, "said_on": ()})
    assert not are_one_at(*PROVINCE, **said)


def test_names_in_one_script_speak_for_one_happening() -> None:
    """Of those that no gazetteer knows two are enough in Latin letters; of Arabic words any may be none."""
    wide: dict[str, Any] = {"kinds": ("bombardment",), **OTHER}
    first = report(TOWN, latin=(1, 2), arabic=(3, 4, 5, 6), kinds=("bombardment",), **ONE)
    one, two = report(PROVINCE, latin=(1,), **wide), report(PROVINCE, latin=(1, 2), **wide)
    three, four = report(PROVINCE, arabic=(3, 4, 5), **wide), report(PROVINCE, arabic=(3, 4, 5, 6), **wide)
    assert [are_one(first, said) for said in (one, two, three, four)] == [False, True, False, True]


def test_a_short_head_had_the_words_of_a_long_one() -> None:
    """Three words that are all in a head of twenty say nothing of its wording: other kinds do not contradict."""
    first = report(TOWN, headed=(TOWN,), kinds=("bombardment",), words=tuple(range(20)), scenes=("blast", "family"))
    second = report(TOWN, headed=(TOWN,), kinds=("planted",), words=(1, 2, 3), scenes=("blast", "family"))
    assert are_one(first, second)
    assert not are_one(first, report(TOWN, headed=(TOWN,), kinds=("planted",), words=tuple(range(16))))


def test_what_stands_further_down_is_no_spot_of_it() -> None:
    """A roundup that names the town at its end only agrees with it less than a report of the town."""
    first = report(TOWN, sites={"idlib/abu": 0}, kinds=("bombardment",), **ONE)
    again: dict[str, Any] = {"hours": 1, "kinds": ("bombardment",), **OTHER}
    assert are_one(first, report(TOWN, sites={"idlib/abu": 3}, **again))
    assert not are_one(first, report(TOWN, sites={"idlib": 0}, **again))


def test_a_report_may_tell_an_earlier_toll() -> None:
    """Four dead, when five and eight were told: outlets write at other times; one dead is another happening."""
    raid: dict[str, Any] = {"kinds": ("bombardment",)}
    first = report(TOWN, deaths=(5, 8), **raid, **ONE)
    assert are_one(first, report(TOWN, hours=1, deaths=(4,), **raid, **OTHER))
    assert not are_one(first, report(TOWN, hours=1, deaths=(1,), **raid, **OTHER))


def test_a_report_of_the_next_day_may_say_yesterday() -> None:
    """Which is the day before it was seen, whatever day that was."""
    first = report(TOWN, kinds=("bombardment",), **ONE)
    told = report(TOWN, hours=20, kinds=("bombardment",), **OTHER)
    traits = told.match.traits.model_copy(update={"hours": ("yesterday",)})
    match_ = told.match.model_copy(update={"traits": traits})
    assert [are_one(first, told), are_one(first, Report.of(match_, told.fired))] == [False, True]


@pytest.mark.parametrize(("event", "one"), [("REQUEST", True), ("ASSAULT", False)])
def test_a_rule_says_what_it_is_about(event: str, *, one: bool) -> None:
    """The fighting of which a demand tells in its first words does not part it from another one."""
    first = report(TOWN, event=event, kinds=("ground",), **ONE)
    assert are_one(first, report(TOWN, event=event, hours=2, kinds=("planted",), **OTHER)) is one


def test_a_name_in_two_scripts_speaks_for_one_happening() -> None:
    """One names the province alone, and in its text a village that no gazetteer knows."""
    wide: dict[str, Any] = {"kinds": ("bombardment",), "means": ("guns",)}
    arabic = report(TOWN, arabic=(7, 8), **wide, **ONE)
    assert are_one(arabic, report(PROVINCE, hours=1, latin=(7,), **wide, **OTHER))
    assert not are_one(arabic, report(PROVINCE, hours=1, latin=(9,), **wide, **OTHER))
    assert not are_one(arabic, report(PROVINCE, hours=1, arabic=(7,), **wide, **OTHER))
