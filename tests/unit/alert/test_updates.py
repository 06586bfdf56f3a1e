"""What becomes of an article that is published again because it was changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from streams.alert.decision import Decision, decide
from streams.alert.policy import Policy
from streams.alerts import AlertRecord, Reason, alert_id
from streams.messages import Match, RuleMatch, Severity, Traits, Unit, Update, Window
from streams.ports import ArticleStatus
from streams.routes import tree_of
from streams.stores.told import Told
from tests.support.alerting import NOON, fired, match, silence

HOUR = timedelta(hours=1)
POLICY = Policy(max_age=48 * HOUR, routes=tree_of({"nobody": (), "*": ("desk",)}))


def at(hours: float, *rules: RuleMatch, id_: str = "a", revision: int = 1, deaths: int = 0, **changes: object) -> Match:
    """A revision of an article that was published at NOON, so many hours later, which counts so many dead."""
    update = Update(revision=revision) if revision > 1 else None
    values = {"published": NOON, "update": update, **changes}
    found = match(id_, *rules, seen_at=NOON + hours * HOUR, **values)  # type: ignore[arg-type]  # builder
    return found.model_copy(update={"traits": Traits(deaths=(deaths,) if deaths else ())})


def play(*matches: Match, policy: Policy = POLICY) -> list[Decision]:
    """Decide in order, remembering alerts and articles."""
    records: dict[str, AlertRecord] = {}
    told: defaultdict[str, Told] = defaultdict(Told)
    decisions = []
    for item in matches:
        held_by = told[item.article.id].held_by if item.article.update else {}
        decisions.append(decide(item, records, policy, held_by=held_by))
        told[item.article.id] = told[item.article.id].after(decisions[-1])
        records.update((ruling.record.id, ruling.record) for ruling in decisions[-1].rulings)
    return decisions


def reasons(*matches: Match, policy: Policy = POLICY) -> list[Reason]:
    return [ruling.reason for decision in play(*matches, policy=policy) for ruling in decision.rulings]


def in_places(*places: str) -> RuleMatch:
    """A rule that tells new places, which fired on one that names these."""
    return fired(slots={"where": places}, entities={}, new_if=("where",))


def test_an_update_with_nothing_new_is_a_duplicate() -> None:
    """Also long after `repeat_after`: nobody reports it anew. The alert counts one article and lasts no longer."""
    decisions = play(at(0), at(1, revision=2), at(30, revision=3))
    assert [ruling.reason for one in decisions for ruling in one.rulings] == [Reason.FIRST] + [Reason.DUPLICATE] * 2
    record = decisions[-1].rulings[0].record
    assert (record.articles, record.number, record.last_seen_at) == (1, 1, NOON)
    assert (decisions[-1].revision, decisions[-1].status) == (3, ArticleStatus.DUPLICATE)


def test_what_is_new_in_an_update_is_told_in_its_alert() -> None:
    """A toll that grew by half, a place that was not named, a higher severity: each once, as a development."""
    severe = in_places("إدلب", "سراقب").model_copy(update={"severity": Severity.CRITICAL})
    decisions = play(
        at(0, in_places("إدلب"), deaths=4),
        at(1, in_places("إدلب"), revision=2, deaths=9),
        at(2, in_places("إدلب", "سراقب"), revision=3, deaths=9),
        at(3, severe, revision=4, deaths=9),
        at(4, severe, revision=5, deaths=9),
    )
    told = [(ruling.reason, ruling.record.number) for decision in decisions for ruling in decision.rulings]
    assert told == [
        (Reason.FIRST, 1),
        (Reason.NUMBER_GROWN, 2),
        (Reason.NEW_PLACE, 3),
        (Reason.HIGHER_SEVERITY, 4),
        (Reason.DUPLICATE, 4),
    ]
    assert {ruling.record.id for decision in decisions for ruling in decision.rulings} == {alert_id("withdrawal", "s1")}
    assert [decision.rulings[0].record.articles for decision in decisions] == [1] * 5


def test_an_update_belongs_to_the_alert_that_holds_its_article() -> None:
    """Days later, and though it names another place, by which it would be another happening."""
    *_, later = play(at(0, in_places("إدلب")), at(60, in_places("حلب"), revision=2))
    (ruling,) = later.rulings
    assert (ruling.record.id, ruling.reason) == (alert_id("withdrawal", "s1"), Reason.NEW_PLACE)
    assert [told.content.article.revision for told in ruling.notifications] == [2]  # type: ignore[union-attr]  # an alert


def test_an_update_is_no_new_origin() -> None:
    """Two texts report it; the second one's update is neither a third text nor a third article."""
    other = at(1, id_="b").model_copy(update={"story": "s2"})
    again = at(2, id_="b", revision=2).model_copy(update={"story": "s2"})
    decisions = play(at(0), other, again)
    record = decisions[-1].rulings[0].record
    assert [ruling.reason for one in decisions for ruling in one.rulings] == [
        Reason.FIRST,
        Reason.NEW_ORIGIN,
        Reason.DUPLICATE,
    ]
    assert (record.articles, record.happening.origins) == (2, ("s1", "s2"))


def test_an_update_on_which_a_rule_fires_for_the_first_time_is_told_as_any() -> None:
    """By that rule; the other one has it."""
    assert reasons(at(0), at(1, fired(), fired("plans"), revision=2)) == [Reason.FIRST, Reason.DUPLICATE, Reason.FIRST]


def test_an_old_article_that_nobody_was_told_of_stays_archive_when_it_changes() -> None:
    """What was told goes on being told, however old its article is."""
    assert reasons(at(60, revision=2)) == [Reason.BACKLOG]
    assert reasons(at(0, backlog=True), at(60, revision=2)) == [Reason.BACKLOG, Reason.BACKLOG]
    assert reasons(at(0, backlog=True), at(2, revision=2)) == [Reason.BACKLOG, Reason.FIRST]
    grown = (at(0, deaths=4), at(60, revision=2, deaths=9))
    assert reasons(*grown) == [Reason.FIRST, Reason.NUMBER_GROWN]


def test_a_silence_holds_back_what_is_new_in_an_update() -> None:
    """And what it held back is told by an update as any that is fresh."""
    policy = replace(POLICY, silences=(silence(match={"rules": ["withdrawal"]}),))
    found = reasons(at(0), at(0.5, revision=2), at(2, revision=3), policy=policy)
    assert found == [Reason.SILENCED, Reason.SILENCED, Reason.FIRST]


def counts(at_least: int = 3, **window: object) -> RuleMatch:
    values = {"at_least": at_least, "unit": Unit.ARTICLES, "within": HOUR, **window}
    return fired("counts", window=Window.model_validate(values), slots={}, entities={})


def test_an_update_is_no_further_article_of_a_count() -> None:
    """Two articles and five updates are no three articles, also when the first ones are too old to be remembered."""
    updates = (at(n / 4, counts(), revision=n) for n in range(2, 7))
    found = reasons(at(0, counts()), at(0.1, counts(), id_="b"), *updates)
    assert found == [Reason.BELOW_THRESHOLD] * 7
    late = (at(5, counts(), id_="b"), at(5, counts(), id_="c"), at(5, counts(), revision=2))
    assert reasons(at(0, counts()), *late) == [Reason.BELOW_THRESHOLD] * 4


def test_an_update_of_what_was_counted_and_told_is_a_duplicate() -> None:
    """A third article is told; what is said anew in the first is not."""
    articles = [at(n / 10, counts(), id_=f"a{n}") for n in range(3)]
    again = at(0.5, counts(), id_="a0", revision=2)
    assert reasons(*articles, again)[-2:] == [Reason.FIRST, Reason.DUPLICATE]


def test_an_update_counts_where_its_article_did_not() -> None:
    """The first time that the rule fires on it, or that it is no archive."""
    others = [at(n / 10, counts(), id_=f"b{n}") for n in range(2)]
    assert reasons(*others, at(0.5, counts(), revision=2))[-1] is Reason.FIRST
    assert reasons(at(0, counts(), backlog=True), *others, at(0.5, counts(), revision=2))[-1] is Reason.FIRST
