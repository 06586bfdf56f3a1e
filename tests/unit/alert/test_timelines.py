"""Timelines of the decision: what is seen when, and what becomes of it. Each reason has one.

Those of Alertmanager's acceptance tests that apply are restated: repeat, batching, merging, silencing, inhibition, and
cold start, which is every timeline once more with all that is remembered read anew from JSON at each step. Retry is
delivery's (`tests/contract/notifiers`); a group's waiting time is none of ours: news is told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations

import pytest

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import AlertRecord, Reason
from streams.messages import Entity, Match, RuleMatch, Severity, Traits
from streams.routes import tree_of
from streams.sections import Inhibition
from tests.support.alerting import NOON, fired, match, silence

HOUR = timedelta(hours=1)
POLICY = Policy(max_age=48 * HOUR, routes=tree_of({"unrouted": (), "*": ("desk",)}))
QUIET = replace(
    POLICY,
    inhibitions=(Inhibition.model_validate({"source": ["strike"], "target": ["ceasefire"], "equal": ["where"]}),),
)
HUSHED = replace(POLICY, silences=(silence(match={"rules": ["strike"]}),))
ABOUT_STRIKES = {"match": {"rules": ["strike"]}}
ENDED_EARLY = replace(POLICY, silences=(silence(**ABOUT_STRIKES).ended(NOON + HOUR / 2),))
OVERLAPPING = replace(
    POLICY,
    silences=(
        silence(**ABOUT_STRIKES),
        silence(**ABOUT_STRIKES, id="s-2", starts_at=NOON + HOUR / 2, ends_at=NOON + 3 * HOUR / 2),
    ),
)
AT_REPEAT = replace(POLICY, silences=(silence(**ABOUT_STRIKES, starts_at=NOON + 11 * HOUR, ends_at=NOON + 14 * HOUR),))
POINTS = {"saraqib": (35.863, 36.806), "ariha": (35.813, 36.612)}


@dataclass(frozen=True, slots=True)
class Seen:
    """An article seen `minutes` after NOON, published `age` hours before; `text` is what it is a copy of."""

    minutes: float
    reason: Reason
    text: str = "one"
    rule: str = "strike"
    places: tuple[str, ...] = ("saraqib",)
    who: str = "RUS"
    dead: int = 5
    severity: Severity = Severity.MEDIUM
    age: float = 0
    shadow: bool = False

    def fired(self) -> RuleMatch:
        """The rule, which repeats after 12 hours and tells new places and actors."""
        where = tuple(
            Entity(text=one, name=one, type="town", path=("syria", "idlib", one), point=POINTS[one])
            for one in self.places
        )
        who = Entity(text=self.who, name=self.who, code=self.who, type="state", path=("actors", self.who))
        return fired(
            self.rule,
            severity=self.severity,
            shadow=self.shadow,
            slots={"where": self.places, "who": (self.who,)},
            entities={"where": where, "who": (who,)},
            new_if=("where", "who"),
        )

    def match(self, number: int) -> Match:
        """The match of the `number`-th article."""
        seen = NOON + timedelta(minutes=self.minutes)
        found = match(f"a{number}", self.fired(), seen_at=seen, published=seen - self.age * HOUR)
        traits = Traits(deaths=(self.dead,), numbers=(self.dead,), kinds=("bombardment",))
        return found.model_copy(update={"story": f"s1:{self.text}", "traits": traits})


R = Reason
TIMELINES: dict[str, tuple[Policy, tuple[Seen, ...]]] = {
    "repeat: once in each twelve hours while it is published": (
        POLICY,
        (
            Seen(0, R.FIRST),
            Seen(719, R.DUPLICATE),
            Seen(721, R.REPEAT),
            Seen(730, R.DUPLICATE),
            Seen(1440, R.DUPLICATE),
            Seen(1442, R.REPEAT),
        ),
    ),
    "cooldown: another text with nothing new, and a repeat when its time has come": (
        POLICY,
        (
            Seen(0, R.FIRST),
            Seen(5, R.NEW_ORIGIN, "two"),
            Seen(9, R.NEW_ORIGIN, "three"),
            Seen(30, R.COOLDOWN, "four"),
            Seen(31, R.NEW_ORIGIN, "five"),
            Seen(700, R.COOLDOWN, "six"),
            Seen(760, R.REPEAT, "seven"),
        ),
    ),
    "developments are told in the cooldown, each once": (
        POLICY,
        (
            Seen(0, R.FIRST),
            Seen(10, R.NUMBER_GROWN, dead=9),
            Seen(11, R.DUPLICATE, dead=10),
            Seen(20, R.NEW_PLACE, places=("saraqib", "ariha"), dead=9),
            Seen(21, R.DUPLICATE, places=("saraqib", "ariha"), dead=9),
            Seen(30, R.NEW_ACTOR, who="SYR", dead=9),
            Seen(31, R.DUPLICATE, who="SYR", dead=9),
            Seen(40, R.HIGHER_SEVERITY, severity=Severity.CRITICAL, dead=9),
            Seen(41, R.DUPLICATE, severity=Severity.CRITICAL, dead=9),
        ),
    ),
    "a lower severity's cooldown holds back no higher one, a higher one's holds back a lower": (
        POLICY,
        (
            Seen(0, R.FIRST, severity=Severity.LOW),
            Seen(1, R.HIGHER_SEVERITY, severity=Severity.MEDIUM),
            Seen(2, R.HIGHER_SEVERITY, severity=Severity.HIGH),
            Seen(3, R.HIGHER_SEVERITY, severity=Severity.CRITICAL),
            Seen(4, R.DUPLICATE, severity=Severity.HIGH),
            Seen(5, R.DUPLICATE, severity=Severity.LOW),
        ),
    ),
    "the archive holds back nothing": (
        POLICY,
        (Seen(0, R.BACKLOG, age=49), Seen(1, R.FIRST), Seen(2, R.DUPLICATE, age=49), Seen(3, R.DUPLICATE)),
    ),
    "a rule on trial tells nobody, and holds back nothing when it is live": (
        POLICY,
        (Seen(0, R.SHADOW, shadow=True), Seen(60, R.SHADOW, shadow=True), Seen(61, R.FIRST)),
    ),
    "without a route nobody is told": (
        POLICY,
        (Seen(0, R.UNROUTED, rule="unrouted"), Seen(1, R.UNROUTED, rule="unrouted")),
    ),
    "silencing: held back while it lasts, told afterwards": (
        HUSHED,
        (Seen(-1, R.FIRST, "before", places=("ariha",)), Seen(0, R.SILENCED), Seen(59, R.SILENCED), Seen(60, R.FIRST)),
    ),
    "silencing: a development in it is told when it is over": (
        HUSHED,
        (Seen(-5, R.FIRST), Seen(10, R.SILENCED, dead=9), Seen(20, R.DUPLICATE), Seen(61, R.NUMBER_GROWN, dead=9)),
    ),
    "silencing: a silence that is ended early holds nothing from then on": (
        ENDED_EARLY,
        (Seen(29, R.SILENCED), Seen(30, R.FIRST)),
    ),
    "silencing: silences that overlap are one": (
        OVERLAPPING,
        (Seen(0, R.SILENCED), Seen(45, R.SILENCED), Seen(61, R.SILENCED), Seen(90, R.FIRST)),
    ),
    "silencing: a repeat that falls into it comes when it is over": (
        AT_REPEAT,
        (Seen(0, R.FIRST), Seen(700, R.DUPLICATE), Seen(730, R.SILENCED), Seen(840, R.REPEAT), Seen(850, R.DUPLICATE)),
    ),
    "inhibition: ends with its time, and begins anew with a repeat": (
        QUIET,
        (
            Seen(0, R.FIRST),
            Seen(719, R.INHIBITED, "two", rule="ceasefire"),
            Seen(721, R.FIRST, "three", rule="ceasefire"),
            Seen(722, R.REPEAT),
            Seen(1442, R.INHIBITED, "four", rule="ceasefire"),
        ),
    ),
    "inhibition: what was told before is not taken back, its developments are quiet": (
        QUIET,
        (
            Seen(0, R.FIRST, "two", rule="ceasefire"),
            Seen(1, R.FIRST),
            Seen(2, R.DUPLICATE, "two", rule="ceasefire"),
            Seen(3, R.INHIBITED, "two", rule="ceasefire", dead=20),
        ),
    ),
    "inhibition: a strike keeps the broken truce in the same place quiet": (
        QUIET,
        (
            Seen(0, R.FIRST),
            Seen(5, R.INHIBITED, "two", rule="ceasefire"),
            Seen(6, R.FIRST, "three", rule="ceasefire", places=("ariha",)),
        ),
    ),
}


def play(policy: Policy, timeline: Sequence[Seen], *, cold: bool) -> list[Reason]:
    """The reasons in order; `cold` reads all that is remembered anew from JSON at each step."""
    records: dict[str, AlertRecord] = {}
    reasons = []
    for number, seen in enumerate(timeline):
        for ruling in decide(seen.match(number), records, policy).rulings:
            reasons.append(ruling.reason)
            records[ruling.record.id] = ruling.record
        if cold:
            records = {id_: AlertRecord.model_validate_json(one.model_dump_json()) for id_, one in records.items()}
    return reasons


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold start"])
@pytest.mark.parametrize(("policy", "timeline"), TIMELINES.values(), ids=TIMELINES)
def test_timeline(policy: Policy, timeline: tuple[Seen, ...], *, cold: bool) -> None:
    """Each article's reason, with or without a restart between them."""
    assert play(policy, timeline, cold=cold) == [seen.reason for seen in timeline]


def test_each_reason_has_a_timeline() -> None:
    """A rule's condition over time has its own (`test_counted_decisions`)."""
    assert {seen.reason for _, timeline in TIMELINES.values() for seen in timeline} == {*Reason} - {
        Reason.BELOW_THRESHOLD
    }


def test_reports_of_one_minute_are_one_alert_in_any_order() -> None:
    """Batching and merging: three texts and a copy, whichever comes first; told thrice, by the steps of origins."""
    reports = (Seen(0, R.FIRST), Seen(0.2, R.FIRST, "two"), Seen(0.4, R.FIRST, "three"), Seen(0.6, R.FIRST))
    for order in permutations(reports):
        reasons = play(POLICY, order, cold=False)
        assert sorted(reasons) == [R.DUPLICATE, R.FIRST, R.NEW_ORIGIN, R.NEW_ORIGIN]
        assert reasons[0] is R.FIRST
