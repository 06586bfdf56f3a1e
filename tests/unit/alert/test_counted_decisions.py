"""What becomes of a match of a rule with a condition over time, over timelines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from streams.alert.counting import MOST
from streams.alert.decision import Decision, decide
from streams.alert.policy import Policy
from streams.alerts import AlertRecord, Reason
from streams.messages import Entity, Match, RuleMatch, Severity, Unit, Window
from streams.ports import ArticleStatus
from streams.routes import Matchers, Route, tree_of
from streams.sections import Inhibition
from tests.support.alerting import NOON, fired, match, silence

MINUTE = timedelta(minutes=1)
POLICY = Policy(max_age=timedelta(hours=48), routes=tree_of({"nobody": (), "*": ("desk",)}))
THREE = Window(at_least=3, unit=Unit.ARTICLES, within=timedelta(hours=1), by="where")

ARIHA = Entity(text="أريحا", name="Ariha", path=("syria", "idlib", "ariha"))


def counts(rule: str = "shelling", *, where: tuple[str, ...] = ("Saraqib",), **changes: object) -> RuleMatch:
    """A rule that tells when three articles name one place within an hour."""
    return fired(rule, window=THREE, slots={"where": where}, entities={}, **changes)


def at(minutes: float, told: RuleMatch | None = None, *, story: str = "", **changes: object) -> Match:
    """An article so long after NOON, with a text of its own."""
    seen = NOON + minutes * MINUTE
    made = match(f"a{minutes}", told or counts(), seen_at=seen, **{"published": seen, **changes})  # type: ignore[arg-type]  # builder
    return made.model_copy(update={"story": story or f"text {minutes}"})


def play(*matches: Match, policy: Policy = POLICY) -> list[Decision]:
    """Decide in order, remembering."""
    records: dict[str, AlertRecord] = {}
    decisions = []
    for item in matches:
        decisions.append(decide(item, records, policy))
        records.update((ruling.record.id, ruling.record) for ruling in decisions[-1].rulings)
    return decisions


def reasons(*matches: Match, policy: Policy = POLICY) -> list[Reason]:
    return [ruling.reason for decision in play(*matches, policy=policy) for ruling in decision.rulings]


def test_whom_another_receiver_had_been_told_of_a_count_before_was_not_told() -> None:
    """By an article, or a copy, that their route alone takes; the next step is measured by what was told to all."""
    routes = (Route(match=Matchers(sources=("sana",)), receivers=("night",)), Route(receivers=("desk",)))
    minutes, by_sana = range(0, 50, 10), (30, 40)
    played = play(
        *(at(each, source="sana" if each in by_sana else "tasnim") for each in minutes),
        policy=replace(POLICY, routes=routes),
    )
    rulings = [each.rulings[0] for each in played[2:]]
    assert [(each.reason, [told.receiver for told in each.notifications]) for each in rulings] == [
        (Reason.FIRST, ["desk"]),
        (Reason.FIRST, ["night"]),
        (Reason.NUMBER_GROWN, ["night"]),
    ]
    copies = play(at(0), at(10), at(20), at(30, story="text 20", source="sana"), policy=replace(POLICY, routes=routes))
    assert [told.receiver for told in copies[-1].rulings[0].notifications] == ["night"]


def test_who_was_told_of_a_count_last_week_was_not_told_of_the_one_of_today() -> None:
    """One desk for each source: the second one hears of each count, however often it has been told before, once."""
    routes = (Route(match=Matchers(sources=("sana",)), receivers=("night",)), Route(receivers=("desk",)))
    week = 7 * 24 * 60
    minutes = (0, 1, 2, 3, week, week + 1, week + 2, week + 3, week + 61)
    sources = ("tasnim", "tasnim", "tasnim", "sana", "tasnim", "tasnim", "tasnim", "sana", "sana")
    played = play(
        *(at(each, source=source) for each, source in zip(minutes, sources, strict=True)),
        policy=replace(POLICY, routes=routes),
    )
    told = [[(each.receiver, each.content.reason) for each in one.rulings[0].notifications] for one in played]  # type: ignore[union-attr]  # alerts
    assert told[2:4] == [[("desk", Reason.FIRST)], [("night", Reason.FIRST)]]
    assert told[6:] == [[("desk", Reason.REPEAT)], [("night", Reason.FIRST)], []]


def test_articles_are_counted_until_there_are_enough() -> None:
    """The third of an hour is told, with the numbers and all three articles."""
    *_, third = play(at(0), at(20), at(40))
    (ruling,) = third.rulings
    assert reasons(at(0), at(20), at(40)) == [Reason.BELOW_THRESHOLD, Reason.BELOW_THRESHOLD, Reason.FIRST]
    window = ruling.notifications[0].content.window  # type: ignore[union-attr]  # an alert
    assert window is not None
    assert (window.count, window.origins, [item.article for item in window.items]) == (3, 3, ["a0", "a20", "a40"])
    assert (third.status, play(at(0))[0].status) == (ArticleStatus.ALERTED, ArticleStatus.BELOW_THRESHOLD)


def test_articles_that_lie_too_far_apart_are_not_enough() -> None:
    """The first is an hour old when the third comes."""
    assert reasons(at(0), at(30), at(60)) == [Reason.BELOW_THRESHOLD] * 3


def test_each_place_is_counted_apart() -> None:
    """An article that names two places counts in both, and each has an alert of its own."""
    both = counts(where=("Saraqib", "Ariha"))
    ariha = counts(where=("Ariha",))
    decisions = play(at(0), at(1, both), at(2, ariha), at(3, ariha), at(4, both))
    told = [[ruling.reason for ruling in decision.rulings] for decision in decisions]
    waits = Reason.BELOW_THRESHOLD
    assert told == [[waits], [waits, waits], [waits], [Reason.FIRST], [Reason.FIRST, Reason.COOLDOWN]]
    assert len({ruling.record.id for ruling in decisions[-1].rulings}) == 2


def test_two_places_of_one_article_had_alerts_that_said_the_same() -> None:
    """Each says of which place it counts, by the name that readers know, or the words."""
    saraqib = Entity(text="سراقب", name="Saraqib", path=("syria", "idlib", "saraqib"))
    both = fired("shelling", window=THREE, slots={"where": ("سراقب", "أريحا")}, entities={"where": (saraqib, ARIHA)})
    words = counts(where=("Somewhere",))
    told = [ruling.notifications[0].content for ruling in play(at(0, both), at(1, both), at(2, both))[-1].rulings]
    assert [content.window.of for content in told] == ["Saraqib", "Ariha"]  # type: ignore[union-attr]  # alerts
    (alone,) = play(at(0, words), at(1, words), at(2, words))[-1].rulings
    assert alone.notifications[0].content.window.of == "Somewhere"  # type: ignore[union-attr]  # an alert


def test_a_count_told_again_named_the_independent_texts_of_a_month() -> None:
    """Those within its time alone."""
    *_, last = play(*(at(each) for each in range(9)), *(at(14 * 60 + each) for each in range(3)))
    content = last.rulings[0].notifications[0].content
    assert (content.reason, content.origins) == (Reason.REPEAT, 3)  # type: ignore[union-attr]  # an alert


def test_what_was_told_is_told_again_when_it_has_grown_by_half() -> None:
    """Or `repeat_after` later, if there are enough then; a copy of what counted is a duplicate."""
    told = reasons(
        at(0), at(1), at(2), at(3), at(4), at(5, story="text 4"), at(6), at(13 * 60), at(13 * 60 + 1), at(13 * 60 + 2)
    )
    waits = Reason.BELOW_THRESHOLD
    again = [waits, waits, Reason.REPEAT]
    grown = [Reason.COOLDOWN, Reason.NUMBER_GROWN, Reason.DUPLICATE, Reason.COOLDOWN]
    assert told == [waits, waits, Reason.FIRST, *grown, *again]


def test_a_higher_severity_was_held_back_by_the_cooldown_of_a_lower_one() -> None:
    """The rule's author made it critical: what counts from then on is told at once, and once."""
    critical = counts(severity=Severity.CRITICAL)
    told = reasons(at(0), at(1), at(2), at(3, critical), at(4, critical))
    assert told[2:] == [Reason.FIRST, Reason.HIGHER_SEVERITY, Reason.COOLDOWN]


def test_a_redelivered_article_changes_nothing() -> None:
    """It counts once, whatever came in between."""
    first, second = at(0), at(1)
    assert reasons(first, second, first, second) == [Reason.BELOW_THRESHOLD] * 4


def test_an_article_of_the_archive_does_not_count() -> None:
    """Nor one that is too old."""
    old = at(1, backlog=True)
    late = at(2, published=NOON - timedelta(days=3))
    waits = Reason.BELOW_THRESHOLD
    assert reasons(at(0), old, late, at(3), at(4)) == [waits, Reason.BACKLOG, Reason.BACKLOG, waits, Reason.FIRST]


@pytest.mark.parametrize(
    ("rule", "policy", "reason"),
    [
        (counts(shadow=True), POLICY, Reason.SHADOW),
        (counts("nobody"), POLICY, Reason.UNROUTED),
        (counts(), replace(POLICY, silences=(silence(match={"slots": {"where": "Saraqib"}}),)), Reason.SILENCED),
    ],
)
def test_what_nobody_is_told_is_counted_all_the_same(rule: RuleMatch, policy: Policy, reason: Reason) -> None:
    """The third article is where a rule that is told would speak; on trial, each is recorded as such."""
    assert reasons(at(0, rule), at(1, rule), at(2, rule), policy=policy)[-1] is reason


def test_a_count_that_was_told_again_kept_others_quiet_about_the_places_of_last_week() -> None:
    """Of a count the places of its last telling count; another rule on a place of an earlier one is told."""
    quiet = Inhibition.model_validate({"source": "shelling", "target": "ceasefire"})
    whole, day = THREE.model_copy(update={"by": None}), 24 * 60
    monday, friday = (
        fired("shelling", window=whole, slots={"where": (place,)}, entities={}) for place in ("Idlib", "Homs")
    )
    truces = [fired("ceasefire", slots={"where": (place,)}, entities={}) for place in ("Idlib", "Homs")]
    told = reasons(
        *(at(each, monday) for each in range(3)),
        *(at(4 * day + each, friday) for each in range(3)),
        *(at(4 * day + 10 + each, truce) for each, truce in enumerate(truces)),
        policy=replace(POLICY, inhibitions=(quiet,)),
    )
    waits = [Reason.BELOW_THRESHOLD] * 2
    assert told == [*waits, Reason.FIRST, *waits, Reason.REPEAT, Reason.FIRST, Reason.INHIBITED]


def test_a_count_of_long_ago_lent_its_texts_to_one_of_today() -> None:
    """Other rules are kept quiet on the texts that are counted now, and a silence on one of these holds it back."""
    quiet = Inhibition.model_validate({"source": "shelling", "target": "ceasefire", "equal": []})
    day, waits = 24 * 60, [Reason.BELOW_THRESHOLD] * 2
    before = [at(20 * each) for each in range(100)]
    burst = [at(4 * day + each) for each in range(3)]
    truces = [
        at(4 * day + 10, fired("ceasefire"), story="text 0"),
        at(4 * day + 10, fired("ceasefire"), story=burst[0].story),
    ]
    policy = replace(POLICY, inhibitions=(quiet,))
    assert reasons(*before, *burst, *truces, policy=policy)[-5:] == [
        *waits,
        Reason.REPEAT,
        Reason.FIRST,
        Reason.INHIBITED,
    ]
    held = silence(stories=[burst[0].story], starts_at=NOON, ends_at=NOON + 7 * day * MINUTE)
    assert reasons(*before, *burst, policy=replace(POLICY, silences=(held,)))[-3:] == [*waits, Reason.SILENCED]


def step(number: int, **changes: object) -> RuleMatch:
    """A match that counts as this step of a strike that is followed by a truce within two days."""
    window = Window(at_least=2, unit=Unit.STEPS, within=timedelta(days=2), by="where", step=number)
    return fired("truce", window=window, slots={"where": ("Saraqib",)}, entities={}, **changes)


def test_a_rule_that_speaks_after_another_is_told_with_its_own_article() -> None:
    """The strike counts, the truce is told with both; a truce without a strike is not."""
    hour = 60
    assert reasons(at(0, step(1)), at(hour, step(0)), at(2 * hour, step(1))) == [
        Reason.BELOW_THRESHOLD,
        Reason.BELOW_THRESHOLD,
        Reason.FIRST,
    ]
    (*_, last) = play(at(0, step(0)), at(hour, step(1)))
    window = last.rulings[0].notifications[0].content.window  # type: ignore[union-attr]  # an alert
    assert window is not None
    assert [item.article for item in window.items] == ["a0", "a60"]


def test_a_step_that_comes_late_tells_what_it_completes() -> None:
    """The strike was seen first and is decided last."""
    assert reasons(at(5, step(1)), at(0, step(0))) == [Reason.BELOW_THRESHOLD, Reason.FIRST]


def of_origins(rule: str = "shelling") -> RuleMatch:
    window = Window(at_least=3, unit=Unit.ORIGINS, within=timedelta(hours=1))
    return fired(rule, window=window, slots={}, entities={})


def test_a_flood_of_copies_does_not_push_out_other_origins() -> None:
    """More copies than are remembered come between the second text and the third, which is told."""
    copies = [at(2 + n / 10, of_origins(), story="text 1") for n in range(MOST + 50)]
    told = reasons(at(0, of_origins()), at(1, of_origins()), *copies, at(40, of_origins()))
    assert told[-1] is Reason.FIRST


def test_an_article_that_counts_already_tells_nothing_anew() -> None:
    """It is delivered again after a repeat told fewer than there were in its own time."""
    day = Window(at_least=3, unit=Unit.ARTICLES, within=timedelta(hours=24))
    rule = fired("shelling", window=day, slots={}, entities={}, repeat_after=timedelta(hours=1))
    articles = [at(minutes, rule) for minutes in (0, 10, 20, 25, 30, 35, 40, 45, 50, 1445)]
    assert reasons(*articles, articles[0])[-2:] == [Reason.REPEAT, Reason.DUPLICATE]


def test_the_same_article_from_another_source_is_no_repeat() -> None:
    """It is seen again when `repeat_after` is over, and nothing has come in between."""
    day = Window(at_least=3, unit=Unit.ARTICLES, within=timedelta(hours=24))
    rule = fired("shelling", window=day, slots={}, entities={}, repeat_after=timedelta(hours=1))
    first = at(0, rule)
    again = first.model_copy(update={"seen_at": first.seen_at + timedelta(hours=3)})
    assert reasons(first, at(1, rule), at(2, rule), again)[-2:] == [Reason.FIRST, Reason.DUPLICATE]


def test_a_clock_that_was_wrong_once_does_not_stop_the_count() -> None:
    """An article of the year 2126 is remembered beside the others, and told or not holds back none of them."""
    wrong = [at(100 * 365 * 24 * 60 + n) for n in range(3)]
    waits = Reason.BELOW_THRESHOLD
    assert reasons(at(0), wrong[0], at(1), at(2)) == [waits, waits, waits, Reason.FIRST]
    assert reasons(*wrong, at(0), at(1), at(2))[-1] is Reason.REPEAT


def test_an_article_of_days_ago_takes_nothing_from_the_count() -> None:
    """A dead letter that is retried."""
    waits = Reason.BELOW_THRESHOLD
    old = at(-5 * 24 * 60, published=NOON - timedelta(days=6))
    assert reasons(at(0), at(1), old, at(2)) == [waits, waits, waits, Reason.FIRST]
