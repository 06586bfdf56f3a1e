"""What becomes of a match, over timelines. The clock is `seen_at`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from streams.alert.decision import Decision, decide
from streams.alert.policy import Policy
from streams.alerts import AlertRecord, Reason, alert_id, notification_id
from streams.messages import Entity, Match, RuleMatch, Severity, Traits
from streams.ports import ArticleStatus
from streams.routes import Matchers, Route, tree_of
from streams.sections import Inhibition
from tests.support.alerting import NOON, fired, match, silence

HOUR = timedelta(hours=1)
POLICY = Policy(max_age=48 * HOUR, routes=tree_of({"nobody": (), "*": ("desk", "mail")}))


def at(hours: float, id_: str = "a", **changes: object) -> Match:
    """A copy of the story seen `hours` after NOON, published just then."""
    seen = NOON + hours * HOUR
    return match(f"{id_}{hours}", seen_at=seen, **{"published": seen, **changes})  # type: ignore[arg-type]  # builder


def play(*matches: Match, policy: Policy = POLICY) -> list[Decision]:
    """Decide in order, remembering."""
    records: dict[str, AlertRecord] = {}
    decisions = []
    for item in matches:
        decisions.append(decide(item, records, policy))
        records.update((ruling.record.id, ruling.record) for ruling in decisions[-1].rulings)
    return decisions


def reasons(*matches: Match) -> list[Reason]:
    return [ruling.reason for decision in play(*matches) for ruling in decision.rulings]


def test_the_first_article_of_a_story_is_told_to_every_receiver() -> None:
    """One notification for each receiver, each with its own id, carrying the match."""
    (decision,) = play(match())
    (ruling,) = decision.rulings
    assert (decision.status, ruling.reason) == (ArticleStatus.ALERTED, Reason.FIRST)
    assert [told.receiver for told in ruling.notifications] == ["desk", "mail"]
    assert len({told.id for told in ruling.notifications}) == 2
    assert {told.alert for told in ruling.notifications} == {ruling.record.id}


def test_a_copy_within_repeat_after_is_a_duplicate_and_after_it_a_repeat() -> None:
    """`repeat_after` is 12 hours: just before it a copy is held back, exactly then it is told again."""
    assert reasons(at(0), at(11.99), at(12), at(13), at(24)) == [
        Reason.FIRST,
        Reason.DUPLICATE,
        Reason.REPEAT,
        Reason.DUPLICATE,
        Reason.REPEAT,
    ]


BY_SOURCE = replace(
    POLICY,
    routes=(
        Route(match=Matchers(sources=("tasnim",)), receivers=("desk", "mail")),
        Route(match=Matchers(sources=("sana",)), receivers=("mail", "night")),
    ),
)


def test_whom_another_receiver_had_been_told_before_was_not_told_at_all() -> None:
    """Routes may part by what a copy has otherwise: who has heard nothing is told first, the others keep their rest."""
    decisions = play(at(0), at(1, source="sana"), at(2, source="sana"), at(12, source="sana"), policy=BY_SOURCE)
    rulings = [decision.rulings[0] for decision in decisions]
    assert [(ruling.reason, [told.receiver for told in ruling.notifications]) for ruling in rulings] == [
        (Reason.FIRST, ["desk", "mail"]),
        (Reason.FIRST, ["night"]),
        (Reason.DUPLICATE, []),
        (Reason.REPEAT, ["mail", "night"]),
    ]
    assert (rulings[1].record.headline, rulings[1].record.told_at) == (rulings[0].record.headline, NOON)


def test_what_was_told_to_a_newcomer_first_answered_a_message_that_it_never_had() -> None:
    """The first telling is each receiver's own, whichever number it has."""
    decisions = play(at(0), at(1, source="sana"), at(12), at(24, source="sana"), policy=BY_SOURCE)
    firsts = [{told.receiver: told.first for told in each.rulings[0].notifications} for each in decisions]
    ids = [{told.receiver: told.id for told in each.rulings[0].notifications} for each in decisions]
    assert firsts == [
        {"desk": "", "mail": ""},
        {"night": ""},
        {"desk": ids[0]["desk"], "mail": ids[0]["mail"]},
        {"mail": ids[0]["mail"], "night": ids[1]["night"]},
    ]


def test_a_newcomer_takes_no_news_from_those_who_were_told() -> None:
    """A toll that is no step for the desk stays no step, so that the next one is measured by what the desk knows."""

    def told(hours: int, toll: int, source: str) -> Match:
        said = at(hours, source=source)
        return said.model_copy(update={"traits": Traits(deaths=(toll,))})

    decisions = play(told(0, 10, "tasnim"), told(1, 14, "sana"), told(2, 16, "tasnim"), policy=BY_SOURCE)
    assert [each.rulings[0].reason for each in decisions] == [Reason.FIRST, Reason.FIRST, Reason.NUMBER_GROWN]


def test_an_archive_and_a_silence_hold_a_newcomer_back_too() -> None:
    """The silence for those only who have not been told."""
    quiet = replace(BY_SOURCE, silences=(silence(match={"sources": ["sana"]}, ends_at=NOON + 2 * HOUR),))
    *_, archive, held = play(at(0), at(1, source="sana", backlog=True), at(1.5, source="sana"), policy=quiet)
    assert (archive.rulings[0].reason, held.rulings[0].reason) == (Reason.BACKLOG, Reason.SILENCED)
    assert held.rulings[0].held_for == ("night",)


def test_a_record_of_an_earlier_release_knows_nobody_that_was_told() -> None:
    """Then all were, with the first number."""
    (first,) = play(at(0), policy=BY_SOURCE)
    old = first.rulings[0].record.model_copy(update={"told_to": {}})
    copy, again = (decide(at(hours, source="sana"), {old.id: old}, BY_SOURCE) for hours in (1, 12))
    assert copy.rulings[0].reason is Reason.DUPLICATE
    assert {told.receiver: told.first for told in again.rulings[0].notifications} == {
        name: notification_id(old.id, name, 1) for name in ("mail", "night")
    }


def test_a_repeat_has_a_number_and_ids_of_its_own() -> None:
    """The second telling is number 2 and shares no notification id with the first."""
    first, second = (decision.rulings[0] for decision in play(at(0), at(12)))
    assert (first.record.number, second.record.number) == (1, 2)
    assert first.record.id == second.record.id
    ids = {told.id for ruling in (first, second) for told in ruling.notifications}
    assert len(ids) == 4


def test_copies_do_not_prolong_the_silence() -> None:
    """Time counts from the last telling, not from the last copy."""
    assert reasons(at(0), at(6), at(11), at(12))[-1] is Reason.REPEAT


def test_an_article_seen_out_of_order_is_a_duplicate() -> None:
    """A copy with an earlier `seen_at` than the telling does not tell again."""
    assert reasons(at(5), at(0)) == [Reason.FIRST, Reason.DUPLICATE]


@pytest.mark.parametrize(("age", "reason"), [(48, Reason.FIRST), (48.01, Reason.BACKLOG), (-5, Reason.FIRST)])
def test_an_article_older_than_max_age_is_backlog(age: float, reason: Reason) -> None:
    """Just 48 hours is still fresh; a date in the future is fresh."""
    assert reasons(match(published=NOON - age * HOUR)) == [reason]


def test_an_article_without_a_date_is_fresh() -> None:
    """Better told late than never."""
    assert reasons(match(published=None)) == [Reason.FIRST]


@pytest.mark.parametrize(("hours", "reason"), [(71, Reason.FIRST), (73, Reason.BACKLOG)])
def test_what_was_published_in_the_evening_of_a_day_without_a_time_was_backlog(hours: float, reason: Reason) -> None:
    """Its age counted from midnight, and was up to a day too high; it counts from the day's end."""
    midnight = NOON - 12 * HOUR
    dated = match(seen_at=midnight + hours * HOUR, published=midnight, date_precision="day")
    assert reasons(dated) == [reason]


def test_the_archive_of_a_new_source_is_recorded_and_not_told() -> None:
    """Marked `backlog` by ingest: no notifications, but a record and a status."""
    (decision,) = play(match(backlog=True))
    (ruling,) = decision.rulings
    assert (decision.status, ruling.reason, ruling.notifications) == (ArticleStatus.BACKLOG, Reason.BACKLOG, ())
    assert (ruling.record.number, ruling.record.told_at, ruling.record.articles) == (0, None, 1)


@pytest.mark.parametrize(
    "untold",
    [
        at(0, backlog=True),
        match("a0", fired(shadow=True)),
    ],
)
def test_what_nobody_was_told_holds_back_nothing(untold: Match) -> None:
    """A fresh copy after a merely recorded one is told for the first time."""
    assert reasons(untold, at(1))[-1] is Reason.FIRST


def test_an_old_copy_of_a_story_just_told_is_a_duplicate() -> None:
    """That it was told is the better reason than that it is old."""
    assert reasons(at(0), at(1, published=NOON - 100 * HOUR)) == [Reason.FIRST, Reason.DUPLICATE]


def test_a_rule_on_trial_tells_nobody() -> None:
    """Recorded as `shadow`, also when the same story was told by other rules."""
    (decision,) = play(match("a1", fired("trial", shadow=True)))
    assert (decision.status, decision.rulings[0].notifications) == (ArticleStatus.SHADOW, ())


def test_a_rule_without_receivers_is_unrouted() -> None:
    """Recorded; once a route exists the next copy is the first to be told."""
    (decision,) = play(match("a1", fired("nobody")))
    assert (decision.status, decision.rulings[0].reason) == (ArticleStatus.UNROUTED, Reason.UNROUTED)


def test_a_receiver_named_twice_is_told_once() -> None:
    """Routes may overlap."""
    policy = Policy(max_age=48 * HOUR, routes=tree_of({"*": ("desk", "desk")}))
    assert len(play(match(), policy=policy)[0].rulings[0].notifications) == 1


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        (("withdrawal", "nobody"), ArticleStatus.ALERTED),
        (("told", "nobody"), ArticleStatus.UNROUTED),
        (("told", "trial"), ArticleStatus.DUPLICATE),
        (("nobody", "trial"), ArticleStatus.UNROUTED),
        (("told", "withdrawal"), ArticleStatus.ALERTED),
    ],
)
def test_an_article_takes_the_strongest_status_of_its_rules(rules: tuple[str, ...], status: ArticleStatus) -> None:
    """Alerted if any rule tells; duplicate only if every live rule had told; shadow only if all are on trial."""
    before = match("a0", fired("told"))
    decision = play(before, match("a1", *(fired(rule, shadow=rule == "trial") for rule in rules)))[-1]
    assert decision.status is status


def test_rules_and_stories_alert_apart() -> None:
    """Two rules on one story, and one rule on two stories, are three different alerts."""
    both = match("a1", fired("x"), fired("y"))
    other = match("a2", fired("x"), story="s2")
    rulings = [ruling for decision in play(both, other) for ruling in decision.rulings]
    assert len({ruling.record.id for ruling in rulings}) == 3
    assert reasons(both, other) == [Reason.FIRST] * 3


def test_the_record_follows_the_rule_and_the_article_told_last() -> None:
    """The title is the rule's latest, the severity the highest, the headline that of the article told last."""
    changed = match("a2", fired(title="New title", severity=Severity.LOW), title="A copy")
    record = play(match(title="The first"), changed)[-1].rulings[0].record
    assert (record.title, record.severity, record.headline) == ("New title", Severity.HIGH, "The first")
    assert (record.articles, record.reason) == (2, Reason.FIRST)


def test_the_told_article_again_is_a_duplicate_whatever_repeat_after_says() -> None:
    """A rule may repeat at once; a redelivered match is no repeat."""
    at_once = at(0, "a"), at(0, "a")
    rules = fired(repeat_after=timedelta())
    assert reasons(*(item.model_copy(update={"rules": (rules,)}) for item in at_once)) == [
        Reason.FIRST,
        Reason.DUPLICATE,
    ]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"match": {"rules": ["withdrawal"]}}, Reason.SILENCED),
        ({"match": {"slots": {"where": ["إدلب"]}}}, Reason.SILENCED),
        ({"match": {"sources": ["Reuters"]}}, Reason.FIRST),
        ({"alerts": [alert_id("withdrawal", "s1")]}, Reason.SILENCED),
        ({"alerts": ["a1:other"]}, Reason.FIRST),
        ({"stories": ["s1"], "match": {"languages": ["en"]}}, Reason.FIRST),
        ({"stories": ["s1"]}, Reason.SILENCED),
    ],
)
def test_a_silence_holds_back_what_has_everything_it_asks(asked: dict[str, object], reason: Reason) -> None:
    """By rule, slot, source, alert or story; nobody is told, and the line of the history names it."""
    (decision,) = play(at(0), policy=replace(POLICY, silences=(silence(**asked),)))
    (ruling,) = decision.rulings
    status, by = (ArticleStatus.ALERTED, "") if reason.told else (ArticleStatus.SILENCED, "s-1")
    assert (ruling.reason, decision.status, ruling.item.by) == (reason, status, by)
    assert bool(ruling.notifications) == reason.told


def test_a_silence_begins_and_ends_on_the_minute() -> None:
    """It holds from its begin until just before its end; what follows is told for the first time (Alertmanager)."""
    policy = replace(POLICY, silences=(silence(match={"rules": ["withdrawal"]}),))
    told = [decision.rulings[0].reason for decision in play(at(0), at(0.99), at(1), policy=policy)]
    assert told == [Reason.SILENCED, Reason.SILENCED, Reason.FIRST]


def test_a_development_that_was_silenced_is_told_when_the_silence_is_over() -> None:
    """What nobody heard of is still new."""
    policy = replace(POLICY, silences=(silence(match={"rules": ["withdrawal"]}),))
    worse = fired(severity=Severity.CRITICAL)
    timeline = (at(-1), match("b", worse, seen_at=NOON), match("c", worse, seen_at=NOON + HOUR))
    told = [decision.rulings[0].reason for decision in play(*timeline, policy=policy)]
    assert told == [Reason.FIRST, Reason.SILENCED, Reason.HIGHER_SEVERITY]


def test_a_copy_of_what_was_told_is_a_duplicate_in_a_silence_too() -> None:
    """Only what would be told is held back."""
    policy = replace(POLICY, silences=(silence(match={"rules": ["withdrawal"]}),))
    told = [decision.rulings[0].reason for decision in play(at(-1), at(0.5), policy=policy)]
    assert told == [Reason.FIRST, Reason.DUPLICATE]


def quieted(**changes: object) -> Policy:
    """`withdrawal` keeps `plans` quiet about the same place."""
    values = {"source": "withdrawal", "target": "plans", "within": "6h", **changes}
    return replace(POLICY, inhibitions=(Inhibition.model_validate(values),))


def plans(where: str) -> RuleMatch:
    return fired("plans", slots={"where": (where,)}, entities={})


@pytest.mark.parametrize(
    ("policy", "hours", "where", "reason"),
    [
        (quieted(), 1, "إدلب", Reason.INHIBITED),
        (quieted(), 6, "إدلب", Reason.INHIBITED),
        (quieted(), 6.01, "إدلب", Reason.FIRST),
        (quieted(), 1, "حماة", Reason.FIRST),
        (quieted(equal=[]), 1, "حماة", Reason.INHIBITED),
        (quieted(equal=["where", "who"]), 1, "إدلب", Reason.FIRST),
        (quieted(source="other"), 1, "إدلب", Reason.FIRST),
    ],
)
def test_a_rule_is_quiet_while_anothers_alert_tells_the_same(
    policy: Policy, hours: float, where: str, reason: Reason
) -> None:
    """Of the same place, or the same story, within the time; the line of the history names the other alert."""
    later = at(hours, "p").model_copy(update={"rules": (plans(where),)})
    first, second = play(at(0), later, policy=policy)
    (ruling,) = second.rulings
    assert ruling.reason is reason
    assert ruling.item.by == (first.rulings[0].record.id if reason is Reason.INHIBITED else "")


def test_both_rules_on_one_article() -> None:
    """The one that keeps the other quiet is decided first, whatever their order."""
    (decision,) = play(match("a", plans("إدلب"), fired()), policy=quieted())
    assert {ruling.record.rule: ruling.reason for ruling in decision.rulings} == {
        "withdrawal": Reason.FIRST,
        "plans": Reason.INHIBITED,
    }
    assert decision.status is ArticleStatus.ALERTED


@pytest.mark.parametrize("rules", [(2, 1, 0), (1, 2, 0), (0, 1, 2), (2, 0, 1)])
def test_of_three_rules_on_one_article_the_last_was_told_by_their_order(rules: tuple[int, ...]) -> None:
    """One quiets the second; the second would quiet the third, and does where the first is not there."""
    chain = [fired(f"rule-{number}") for number in range(3)]
    quiets = [Inhibition(source=(f"rule-{number}",), target=(f"rule-{number + 1}",)) for number in (0, 1)]
    policy = replace(POLICY, inhibitions=tuple(quiets), routes=tree_of({"*": ("desk",)}))
    for of, expected in ((rules, {0, 2}), ([each for each in rules if each], {1})):
        decision = decide(match("a", *(chain[number] for number in of)), {}, policy)
        told = {int(ruling.record.rule[-1]) for ruling in decision.rulings if ruling.reason.told}
        assert told == expected


def test_an_alert_that_nobody_was_told_keeps_nobody_quiet() -> None:
    """What was silenced reached nobody."""
    policy = replace(quieted(), silences=(silence(match={"rules": ["withdrawal"]}),))
    (decision,) = play(match("a", fired(), plans("إدلب")), policy=policy)
    assert [ruling.reason for ruling in decision.rulings] == [Reason.SILENCED, Reason.FIRST]


def test_a_place_is_the_same_as_what_it_lies_in() -> None:
    """A village of Idlib and Idlib; not a place whose name begins alike."""
    idlib, village, like = (
        (Entity(text=name, name=name, path=path),)
        for name, path in (
            ("Idlib", ("syria", "idlib")),
            ("Saraqib", ("syria", "idlib", "saraqib")),
            ("Idlibiya", ("syria", "idlibiya")),
        )
    )
    for there, reason in ((village, Reason.INHIBITED), (like, Reason.FIRST)):
        first = match("a", fired(slots={"where": ("Idlib",)}, entities={"where": idlib}))
        second = match("b", fired("plans", slots={"where": (there[0].text,)}, entities={"where": there}))
        *_, last = play(first, second, policy=quieted())
        assert last.rulings[0].reason is reason
