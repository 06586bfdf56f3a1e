"""Independent reports of one happening come under one alert, and what is new in them is told at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from streams.alert.decision import decide
from streams.alert.happenings import has_grown
from streams.alert.policy import Policy
from streams.alert.report import Report
from streams.alerts import AlertRecord, Happening, Reason
from streams.messages import Entity, Match, RuleMatch, Severity, Traits
from streams.ports import ArticleStatus
from streams.routes import tree_of
from tests.support.alerting import NOON, fired, match

HOUR = timedelta(hours=1)
POLICY = Policy(max_age=48 * HOUR, routes=tree_of({"*": ("desk",)}))
PLACES = {
    "Saraqib": (("syria", "idlib", "saraqib"), (35.863, 36.806), "town"),
    "Afes": (("syria", "idlib", "afes"), (35.883, 36.788), "town"),  # 3 km from Saraqib
    "Sarmin": (("syria", "idlib", "sarmin"), (35.903, 36.726), "town"),  # 8 km from Saraqib
    "Zawiya": (("syria", "idlib", "zawiya"), None, "mountain"),
    "Ariha": (("syria", "idlib", "ariha"), (35.813, 36.612), "town"),  # 18 km from Saraqib
    "Idlib": (("syria", "idlib"), (35.93, 36.63), "governorate"),
    "Aleppo": (("syria", "aleppo"), (36.2, 37.16), "governorate"),
}


def strike(*places: str, who: str = "Russia", severity: Severity = Severity.HIGH, **changes: Any) -> RuleMatch:
    """A rule on violence that fired with these places and actor; it asks for new places and actors."""
    entities = []
    for name in places:
        path, point, kind = PLACES[name]
        entities.append(Entity(text=name, name=name, type=kind, path=path, point=point))
    return fired(
        "violence",
        slots={"where": places, "who": (who,) if who else ()},
        entities={"where": tuple(entities)},
        severity=severity,
        new_if=("where", "who"),
        **changes,
    )


def report(story: str, hours: float, *rules: RuleMatch, **traits: Any) -> Match:
    """A report seen `hours` after NOON; `story` is the text that it is a copy of."""
    seen = NOON + hours * HOUR
    found = match(f"{story}@{hours}", *rules, seen_at=seen, published=seen)
    return found.model_copy(update={"story": story, "traits": Traits(**traits)})


def play(*matches: Match) -> list[tuple[str, Reason]]:
    """The alert and reason of each match in order."""
    records: dict[str, AlertRecord] = {}
    told = []
    for item in matches:
        for ruling in decide(item, records, POLICY).rulings:
            records[ruling.record.id] = ruling.record
            told.append((ruling.record.id, ruling.reason))
    return told


def reasons(*matches: Match) -> list[Reason]:
    return [reason for _, reason in play(*matches)]


def alerts(*matches: Match) -> int:
    return len({alert for alert, _ in play(*matches)})


def test_two_texts_on_one_spot_are_one_alert_with_two_origins() -> None:
    """The second text shares no sentence with the first; it confirms it."""
    told = play(report("s1", 0, strike("Saraqib")), report("s2", 1, strike("Saraqib")))
    assert told[0][0] == told[1][0]
    assert [reason for _, reason in told] == [Reason.FIRST, Reason.NEW_ORIGIN]


def test_a_copy_is_no_second_origin() -> None:
    """However many sites print it, one text is one origin: nothing is confirmed."""
    assert reasons(*(report("s1", hours, strike("Saraqib")) for hours in (0, 1, 2))) == [
        Reason.FIRST,
        Reason.DUPLICATE,
        Reason.DUPLICATE,
    ]


def test_origins_are_told_by_steps() -> None:
    """The second and third independent text are told, the fourth is not, the fifth is."""
    assert reasons(*(report(f"s{n}", n / 10, strike("Saraqib")) for n in range(6))) == [
        Reason.FIRST,
        Reason.NEW_ORIGIN,
        Reason.NEW_ORIGIN,
        Reason.COOLDOWN,
        Reason.NEW_ORIGIN,
        Reason.COOLDOWN,
    ]


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (strike("Saraqib"), strike("Afes"), False),
        (strike("Saraqib"), strike("Ariha"), False),
        (strike("Saraqib"), strike("Saraqib", "Ariha"), True),
        (strike("Saraqib"), strike("Idlib"), False),
        (strike("Idlib"), strike("Aleppo"), False),
        (strike("Saraqib", who=""), strike("Saraqib", who="Turkey"), True),
    ],
    ids=["near", "far", "one in common", "wider place alone", "other governorate", "actor unknown"],
)
def test_places_decide_what_is_one_happening(first: RuleMatch, second: RuleMatch, *, one: bool) -> None:
    """Of violence one spot is enough by itself; a wide place, or a spot nearby, is not; another one rules it out."""
    told = (rule.model_copy(update={"event": "ASSAULT"}) for rule in (first, second))
    assert alerts(*(report(f"s{hour}", hour, rule) for hour, rule in enumerate(told))) == (1 if one else 2)


def test_a_spot_nearby_with_the_same_toll_is_one_happening() -> None:
    """Spots up to 9 km apart: the town, or the village beside it that was hit."""
    two = (report("s1", 0, strike("Saraqib"), deaths=(5,)), report("s2", 1, strike("Afes"), deaths=(5,)))
    assert alerts(*two) == 1


def demand(who: str, whose: str, *where: str, words: tuple[str, ...] = ()) -> RuleMatch:
    """A rule on demands that fired; who and whose are codes of states, "" where they are not said."""
    slots = {"who": (who,), "whose": (whose,), "where": where + words}
    named = {"who": who, "whose": whose}
    entities = {
        slot: (Entity(text=code, name=code, code=code, type="state", path=("actors", code.lower())),)
        for slot, code in named.items()
        if code
    }
    places = tuple(Entity(text=one, name=one, type="country", path=("world", one)) for one in where)
    return fired("demand", slots=slots, entities={**entities, "where": places}, new_if=())


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (demand("DEU", "RUS", "ukraine"), demand("DEU", "RUS", "ukraine"), True),
        (demand("DEU", "RUS", "ukraine"), demand("FRA", "RUS", "ukraine"), False),
        (demand("TUR", "SYR", "syria"), demand("SYR", "TUR", "syria"), False),
        (demand("MLI", "FRA", words=("country",)), demand("MLI", "FRA", words=("بلادها",)), True),
        (demand("MLI", "FRA", "mali"), demand("MLI", "FRA", "niger"), False),
    ],
    ids=["all the same", "another demands", "the other way round", "words of two languages", "another country"],
)
def test_who_demands_of_whom_decides_what_is_one_demand(first: RuleMatch, second: RuleMatch, *, one: bool) -> None:
    """The place is a whole country, in which many demand the same."""
    assert alerts(report("s1", 0, first), report("s2", 1, second)) == (1 if one else 2)


def test_an_answer_of_those_who_are_to_leave_was_another_alert() -> None:
    """Paris asks what Ouagadougou means by it, in much the same words: of the demand, which is told again beside it."""
    same = {"actors": ("BFA", "FRA"), "words": tuple(range(20))}
    asked, repeated, answered = demand("BFA", "FRA"), demand("BFA", "FRA"), demand("FRA", "FRA")
    assert alerts(report("s1", 0, asked, **same), report("s2", 1, repeated, **same)) == 1
    assert alerts(report("s1", 0, asked, **same), report("s2", 1, answered, **same)) == 1


def test_another_ultimatum_is_another_demand() -> None:
    """A day to leave, where it was two, whichever report of the first one said how long."""
    first = report("s1", 0, demand("IRQ", "TUR"))
    longer = report("s2", 1, demand("IRQ", "TUR"), counted=(48,))
    assert alerts(first, longer, report("s3", 20, demand("IRQ", "TUR"), counted=(48,))) == 1
    assert alerts(first, longer, report("s3", 20, demand("IRQ", "TUR"), counted=(24,))) == 2


def test_a_demand_without_demander_goes_by_the_states_in_the_head() -> None:
    """Each head names a state that the other does not: two demands."""
    first, second = demand("", "RUS", "ukraine"), demand("", "RUS", "ukraine")
    heads = [("RUS", "UKR", "UNO"), ("DEU", "RUS", "UKR")]
    assert alerts(report("s1", 0, first, actors=heads[0]), report("s2", 1, second, actors=heads[1])) == 2
    assert alerts(report("s1", 0, first, actors=heads[0]), report("s2", 1, second, actors=heads[0])) == 1


def test_another_person_of_the_state_demands_another_thing() -> None:
    """The cleric is not the prime minister; whoever is named by the state alone may be either of them."""

    def said_by(person: str) -> RuleMatch:
        asked = demand("IRQ", "USA", "iraq")
        named = Entity(text=person, name=person, code="IRQ", type="person", path=("actors", person))
        return asked.model_copy(update={"entities": {**asked.entities, "who": (named,)}})

    heads = {"actors": ("IRQ", "USA")}
    state = report("s2", 1, demand("IRQ", "USA", "iraq"), **heads)
    assert alerts(report("s1", 0, said_by("abadi"), **heads), report("s2", 1, said_by("maliki"), **heads)) == 2
    assert alerts(report("s1", 0, said_by("abadi"), **heads), report("s2", 1, said_by("abadi"), **heads)) == 1
    assert alerts(report("s1", 0, said_by("abadi"), **heads), state) == 1


def test_another_ministry_of_the_state_demands_another_thing() -> None:
    """Each in its own name; the state may be either of them, and so may whoever has spoken for both."""

    def said_by(words: str) -> RuleMatch:
        asked = demand("CHN", "IND", "doklam")
        return asked.model_copy(update={"slots": {**asked.slots, "who": (words,)}})

    heads = {"actors": ("CHN", "IND")}
    foreign, defence = "Chinese Foreign Ministry", "وزارة الدفاع الصينية"
    first, both = report("s1", 0, said_by(foreign), **heads), report("s2", 1, said_by(f"{defence} {foreign}"), **heads)
    second = report("s3", 2, said_by(defence), **heads)
    assert alerts(first, second) == 2
    for minister in ("China's Minister of Defence", "Minister of the Interior"):
        assert alerts(first, report("s2", 1, said_by(minister), **heads)) == 2
    assert alerts(first, report("s2", 1, said_by("Foreign Minister Wang Yi"), **heads)) == 1
    assert alerts(first, report("s2", 1, demand("CHN", "IND", "doklam"), **heads)) == 1
    assert alerts(first, both, second) == 1


def headed(*places: str) -> dict[str, Any]:
    """Traits of a report on a raid with these places in its title."""
    return {"kinds": ("bombardment",), "headed": tuple(PLACES[name][0] for name in places)}


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ((strike("Saraqib"), headed("Saraqib")), (strike("Sarmin"), headed("Sarmin")), False),
        ((strike("Saraqib"), headed("Saraqib")), (strike("Sarmin"), headed()), True),
        ((strike("Sarmin", "Zawiya"), headed("Sarmin")), (strike("Ariha", "Zawiya"), headed("Ariha")), False),
        ((strike("Sarmin", "Saraqib"), headed("Sarmin")), (strike("Saraqib"), headed("Saraqib")), False),
        ((strike("Sarmin", "Saraqib"), headed("Sarmin")), (strike("Sarmin"), headed("Sarmin")), True),
    ],
    ids=["two titles", "one title", "one mountain", "named in passing", "the same title"],
)
def test_towns_in_two_titles_are_two_places(
    first: tuple[RuleMatch, dict[str, Any]], second: tuple[RuleMatch, dict[str, Any]], *, one: bool
) -> None:
    """However near they are, and whatever other places the texts name to say where they lie."""
    two = (report("s1", 0, first[0], **first[1]), report("s2", 1, second[0], **second[1]))
    assert alerts(*two) == (1 if one else 2)


def test_what_nobody_was_told_is_known_again() -> None:
    """A fourth report is not told, and yet the town that it alone names makes out a fifth one."""
    same = {"kinds": ("planted",), "deaths": (12,)}
    silent = strike("Idlib", "Saraqib").model_copy(update={"new_if": ()})
    vague = [report(f"s{number}", 0, strike("Idlib"), **same) for number in range(3)]
    told = play(*vague, report("s4", 1, silent, **same), report("s5", 2, strike("Saraqib")))
    assert told[3][1] is Reason.COOLDOWN
    assert len({alert for alert, _ in told}) == 1


def test_the_same_words_with_another_day_are_another_happening() -> None:
    """The daily report: place, toll and words are the same."""
    same = {"words": tuple(range(20)), "deaths": (2,), "kinds": ("bombardment",)}
    one = report("s1", 0, strike("Saraqib"), days=("monday",), **same)
    assert alerts(one, report("s2", 2, strike("Saraqib"), days=("tuesday",), **same)) == 2
    assert alerts(one, report("s2", 2, strike("Saraqib"), days=("monday",), **same)) == 1


def test_a_wide_place_with_like_words_is_one_happening() -> None:
    """One text says Idlib, the other the town; actor and half of the words at the head agree."""
    words = tuple(range(20))
    two = (report("s1", 0, strike("Saraqib"), words=words), report("s2", 1, strike("Idlib"), words=words[:12]))
    assert alerts(*two) == 1


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"poles": ("begin|end",)}, {"poles": ("end|begin",)}),
        ({"deaths": (40,)}, {"deaths": (5,)}),
        ({"deaths": (4,)}, {"deaths": (40,)}),
        ({"kinds": ("bombardment",)}, {"kinds": ("planted",)}),
        ({"title": (1, 2, 4, 6)}, {"title": (1, 2, 4, 8)}),
        ({"title": (1, 3, 2)}, {"title": (1, 7, 2)}),
    ],
    ids=[
        "opposite words",
        "a toll that falls",
        "a toll that leaps",
        "a shell or a bomb",
        "a word exchanged",
        "a name exchanged",
    ],
)
def test_what_contradicts_is_another_happening(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    """The same spot and hour are not enough."""
    assert alerts(report("s1", 0, strike("Saraqib"), **earlier), report("s2", 1, strike("Saraqib"), **later)) == 2


@pytest.mark.parametrize(("hours", "one"), [(24, True), (24.1, False), (-24, True), (-24.1, False)])
def test_reports_are_near_in_time(hours: float, *, one: bool) -> None:
    """A day apart at most, whichever was seen first, and so far apart only where all the rest agrees."""
    same = {"deaths": (45,), "kinds": ("planted",), "targets": ("market",)}
    two = (report("s1", 0, strike("Saraqib"), **same), report("s2", hours, strike("Saraqib"), **same))
    assert alerts(*two) == (1 if one else 2)


@pytest.mark.parametrize(
    ("hours", "day", "one"), [(49, 0, True), (72, 0, True), (72.1, 0, False), (49, 1, False), (49, None, False)]
)
def test_a_report_of_violence_that_names_its_day_was_another_alert_after_24_hours(
    hours: float, day: int | None, *, one: bool
) -> None:
    """Three days long, if that is the day of what is known, and the rest agrees."""
    same = {"deaths": (45,), "kinds": ("planted",), "targets": ("market",)}
    days = () if day is None else (f"{NOON + day * 24 * HOUR:%A}".lower(),)
    first, later = (strike("Saraqib", event="ASSAULT") for _ in range(2))
    two = (report("s1", 0, first, **same), report("s2", hours, later, days=days, week=days, **same))
    assert alerts(*two) == (1 if one else 2)


@pytest.mark.parametrize(("hours", "one"), [(16, True), (16.1, False), (-16.1, False)])
def test_the_spot_alone_is_enough_for_some_hours(hours: float, *, one: bool) -> None:
    """Later it takes a toll, a target or like words besides."""
    first = report("s1", 0, strike("Saraqib"), kinds=("bombardment",))
    assert alerts(first, report("s2", hours, strike("Saraqib"))) == (1 if one else 2)


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        (report("s1", 2, strike("Saraqib", severity=Severity.CRITICAL)), Reason.HIGHER_SEVERITY),
        (report("s1", 2, strike("Saraqib"), numbers=(9,)), Reason.NUMBER_GROWN),
        (report("s1", 2, strike("Saraqib"), numbers=(7,)), Reason.DUPLICATE),
        (report("s1", 2, strike("Saraqib", "Ariha")), Reason.NEW_PLACE),
        (report("s1", 2, strike("Saraqib", "Afes")), Reason.DUPLICATE),
        (report("s1", 2, strike("Saraqib", "Idlib")), Reason.DUPLICATE),
        (report("s1", 2, strike("Saraqib", who="Turkey")), Reason.NEW_ACTOR),
        (report("s1", 2, strike("Saraqib", severity=Severity.LOW)), Reason.DUPLICATE),
    ],
)
def test_a_development_is_told_during_the_cooldown(update: Match, reason: Reason) -> None:
    """An updated copy of the text, two hours later, with `repeat_after` at twelve: what is new is told, else nothing.

    A number by half and three at least; a place that is near a known one, or in which it lies, is not new.
    """
    assert reasons(report("s1", 0, strike("Saraqib"), numbers=(5,)), update) == [Reason.FIRST, reason]


def test_a_number_that_grows_by_little_is_told_when_it_has_grown_by_a_step() -> None:
    """5, 7, 8: no single step is half, but 8 is more than half above the 5 that was told."""
    tolls = [report("s1", hour, strike("Saraqib"), numbers=(toll,)) for hour, toll in enumerate((5, 7, 8))]
    assert reasons(*tolls) == [Reason.FIRST, Reason.DUPLICATE, Reason.NUMBER_GROWN]


def test_a_toll_was_never_told_where_the_first_report_had_none() -> None:
    """No toll, 12, 14, 40: the first one is told, and from then on what has grown by a step."""
    tolls = [report("s1", hour, strike("Saraqib"), deaths=dead) for hour, dead in enumerate(((), (12,), (14,), (40,)))]
    grown = Reason.NUMBER_GROWN
    assert reasons(*tolls) == [Reason.FIRST, grown, Reason.DUPLICATE, grown]


def test_a_toll_was_compared_with_another_number() -> None:
    """200 fighters arrived: 12 dead are a first toll, 30 a grown one, and 210 fighters no step."""
    numbers = [{"numbers": (200,)}, {"deaths": (12,)}, {"deaths": (30,)}, {"numbers": (210,)}]
    told = [report("s1", hour, strike("Saraqib"), **traits) for hour, traits in enumerate(numbers)]
    assert reasons(*told)[1:] == [Reason.NUMBER_GROWN, Reason.NUMBER_GROWN, Reason.DUPLICATE]


def test_one_or_two_dead_are_no_step_and_a_demand_has_no_first_toll() -> None:
    """A step is three at least; for whom a demand is made is no news of it, a toll that grows is."""
    few = [report("s1", hour, strike("Saraqib"), deaths=dead) for hour, dead in enumerate(((), (2,)))]
    asked = {"poles": ("demand|refuse",)}
    demands = [report("s2", hour, strike("Saraqib"), deaths=dead, **asked) for hour, dead in enumerate(((), (33,)))]
    assert (reasons(*few)[1], reasons(*demands)[1]) == (Reason.DUPLICATE, Reason.DUPLICATE)


def test_a_first_toll_was_news_that_had_been_told() -> None:
    """Three children and three people are one number; what a rule on demands tells of the dead is no toll of it."""
    numbers = [{"numbers": (3,)}, {"deaths": (3,)}]
    told = [report("s1", hour, strike("Saraqib"), **traits) for hour, traits in enumerate(numbers)]
    asked = strike("Saraqib", event="REQUEST")
    demands = [report("s2", hour, asked, deaths=dead, poles=("go|stay",)) for hour, dead in enumerate(((), (5,)))]
    assert (reasons(*told)[1], reasons(*demands)[1]) == (Reason.DUPLICATE, Reason.DUPLICATE)


def test_an_alert_of_an_earlier_release_told_its_toll_again() -> None:
    """It kept the toll among its numbers."""
    said = Report.of(report("s1", 1, strike("Saraqib"), deaths=(50,)), strike("Saraqib"))
    known = Happening(traits=Traits(deaths=(50,)), number=50)
    assert [has_grown(known, said), has_grown(known.model_copy(update={"number": 20}), said)] == [False, True]


def test_a_development_is_told_once() -> None:
    """The copy that brings the same new place again is a duplicate."""
    both = strike("Saraqib", "Ariha")
    assert reasons(report("s1", 0, strike("Saraqib")), report("s1", 1, both), report("s1", 2, both))[1:] == [
        Reason.NEW_PLACE,
        Reason.DUPLICATE,
    ]


def test_what_a_rule_does_not_ask_for_is_not_news() -> None:
    """`new_if` without slots: a new place alone tells nobody."""
    quiet = strike("Saraqib", "Ariha").model_copy(update={"new_if": ()})
    assert reasons(report("s1", 0, strike("Saraqib")), report("s1", 1, quiet))[1] is Reason.DUPLICATE


def test_an_old_article_with_something_new_stays_new_until_it_is_told() -> None:
    """A development in an archive article is backlog, and the fresh article with the same development is told."""
    both = strike("Saraqib", "Ariha")
    old = report("s1", 1, both)
    old = old.model_copy(update={"article": old.article.model_copy(update={"backlog": True})})
    assert reasons(report("s1", 0, strike("Saraqib")), old, report("s1", 2, both)) == [
        Reason.FIRST,
        Reason.BACKLOG,
        Reason.NEW_PLACE,
    ]


def test_another_text_with_nothing_new_ends_as_cooldown() -> None:
    """The article's status tells it from a copy."""
    matches = [report(f"s{n}", n / 10, strike("Saraqib")) for n in range(4)]
    records: dict[str, AlertRecord] = {}
    for item in matches:
        decision = decide(item, records, POLICY)
        records |= {ruling.record.id: ruling.record for ruling in decision.rulings}
    assert decision.status is ArticleStatus.COOLDOWN
