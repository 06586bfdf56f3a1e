"""Conditions over time: what is counted, when it is enough, and that the order of articles does not matter."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.alert.counting import (
    LATENESS,
    MOST,
    count_at,
    groups_of,
    has_grown,
    is_met,
    silence_at,
    silent_at,
    with_article,
)
from streams.messages import Unit, Window
from streams.windows import Counted, WindowCount, WindowState
from tests.support.alerting import NOON

HOUR, MINUTE, WEEK = timedelta(hours=1), timedelta(minutes=1), timedelta(days=7)
SEVEN = Window(at_least=7, unit=Unit.ARTICLES, within=2 * HOUR)
SPIKE = Window(at_least=3, unit=Unit.ARTICLES, within=2 * HOUR, times=3, history=4 * WEEK)


def item(minutes: float, id_: str = "", *, source: str = "", story: str = "") -> Counted:
    """An article so long after NOON; its own source and story unless said."""
    name = id_ or f"a{minutes}"
    seen = NOON + minutes * MINUTE
    return Counted(article=name, seen_at=seen, source=source or f"of {name}", story=story or f"text {name}")


def state_of(*items: Counted, window: Window = SEVEN) -> WindowState:
    """What is remembered of the articles, decided in this order."""
    state = WindowState()
    for each in items:
        state = with_article(state, each, window)
    return state


def brute_force(items: list[Counted], asked: Counted, window: Window) -> int:
    """The most in any span of `within` that ends with an article and holds the one asked about, by trying each."""
    best = 0
    for last in items:
        span = [each for each in items if last.seen_at - window.within < each.seen_at <= last.seen_at]
        if asked in span:
            values = {
                Unit.ARTICLES: {each.article for each in span},
                Unit.SOURCES: {each.source for each in span},
                Unit.ORIGINS: {each.story for each in span},
            }
            best = max(best, len(values[window.unit]))
    return best


def test_articles_sources_and_origins_are_counted_apart() -> None:
    """Four articles of three sources, two of them copies of one text."""
    items = (
        item(0, "a", source="x", story="s"),
        item(10, "b", source="y", story="s"),
        item(20, "c", source="x"),
        item(30, "d", source="z"),
    )
    count = count_at(state_of(*items), items[-1], SEVEN)
    assert (count.count, count.articles, count.sources, count.origins) == (4, 4, 3, 3)
    assert [each.article for each in count.items] == ["a", "b", "c", "d"]


def test_the_seventh_article_in_two_hours_is_enough() -> None:
    """And not one that comes when the first is two hours old."""
    within = [item(20 * n) for n in range(6)]
    enough, late = item(119, "seventh"), item(120, "late")
    assert is_met(count_at(state_of(*within, enough), enough, SEVEN), SEVEN)
    assert not is_met(count_at(state_of(*within, late), late, SEVEN), SEVEN)


def test_a_redelivered_article_counts_once() -> None:
    """Its state is the same, whatever came in between."""
    first, second = item(0), item(5)
    state = state_of(first, second)
    assert with_article(state, first, SEVEN) == state


def test_a_late_article_completes_the_span_that_it_belongs_to() -> None:
    """What was decided before it stays below the threshold; the late one is told."""
    window = SEVEN.model_copy(update={"at_least": 3})
    late = item(0, "late")
    state = state_of(item(5), item(8), window=window)
    assert not is_met(count_at(state, item(8), window), window)
    assert is_met(count_at(with_article(state, late, window), late, window), window)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=25),
    st.sampled_from([Unit.ARTICLES, Unit.SOURCES, Unit.ORIGINS]),
    st.integers(1, 150),
    st.randoms(use_true_random=False),
)
def test_a_count_is_what_trying_every_span_finds(
    drawn: list[tuple[int, int, int]], unit: Unit, minutes: int, shuffler: random.Random
) -> None:
    """In order, and out of order by no more than the lateness, redelivered ones included."""
    window = Window(at_least=2, unit=unit, within=minutes * MINUTE)
    items = sorted(
        (item(at, f"a{n}", source=f"s{source}", story=f"t{story}") for n, (at, source, story) in enumerate(drawn)),
        key=lambda each: (each.seen_at, each.article),
    )
    late = {each.article: shuffler.uniform(0, LATENESS / MINUTE) for each in items}
    arriving = sorted(items, key=lambda each: each.seen_at + late[each.article] * MINUTE)
    state, known = WindowState(), []
    for each in arriving:
        known.append(each)
        state = with_article(with_article(state, each, window), each, window)
        assert count_at(state, each, window).count == brute_force(known, each, window)


def test_no_more_is_remembered_than_can_be_asked_for() -> None:
    """The latest, so that a flood costs a bounded record."""
    state = state_of(*(item(n / 100) for n in range(MOST + 50)))
    assert (len(state.items), state.items[0].article) == (MOST, "a0.5")


def test_each_value_of_the_slot_is_a_group() -> None:
    """An article that names two places counts in both, one that names none among its like."""
    by_place = SEVEN.model_copy(update={"by": "where"})
    assert groups_of(by_place, {"where": ("syria/idlib", "syria/hama")}) == ("syria/idlib", "syria/hama")
    assert groups_of(by_place, {"where": ()}) == groups_of(by_place, {}) == ("",)
    assert groups_of(SEVEN, {"where": ("syria/idlib",)}) == ("",)


def test_an_article_that_comes_much_too_late_counts_alone() -> None:
    """What it belonged to is forgotten; it does no harm, and is forgotten with the next."""
    late = item(-600, "late")
    state = with_article(state_of(*(item(n) for n in range(6))), late, SEVEN)
    assert count_at(state, late, SEVEN).items == (late,)
    assert late not in with_article(state, item(6), SEVEN).items


SEQUENCE = Window(at_least=3, unit=Unit.STEPS, within=2 * HOUR)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 2)), min_size=1, max_size=9), st.integers(0, 8))
def test_a_sequence_is_one_step_after_another_within_the_time(made: list[tuple[int, int]], which: int) -> None:
    """Whichever article is decided last: it is told if it is part of one, as trying every choice of articles finds."""
    items = [item(at, f"a{n}").model_copy(update={"step": step}) for n, (at, step) in enumerate(made)]
    asked = items[which % len(items)]
    order = [each for each in items if each is not asked] + [asked]
    state = state_of(*order, window=SEQUENCE)
    by_step = [[each for each in state.items if each.step == step] for step in range(3)]
    brute_force = any(
        first.seen_at < second.seen_at < third.seen_at <= first.seen_at + SEQUENCE.within
        for first, second, third in product(*by_step)
        if asked in (first, second, third)
    )
    assert is_met(count_at(state, asked, SEQUENCE), SEQUENCE) == brute_force


def sequence(*after: str) -> Window:
    """The rule's own article last."""
    return SEQUENCE.model_copy(update={"after": after, "at_least": len(after) + 1, "step": len(after)})


def test_a_sequence_whose_rules_were_edited_took_an_article_for_one_of_another_rule() -> None:
    """What was a step of the rule of then is none of that of now; what still is one counts at its new place."""
    before = sequence("ultimatum", "shelling")
    steps = (item(n, f"a{n}").model_copy(update={"step": n}) for n in range(2))
    state = state_of(*steps, window=before)
    for after, met in (
        (("ultimatum", "shelling"), True),
        (("shelling",), True),
        (("ultimatum",), True),
        (("demand", "shelling"), False),
        (("shelling", "ultimatum"), False),
    ):
        now = sequence(*after)
        own = item(3, "own").model_copy(update={"step": now.step})
        assert is_met(count_at(with_article(state, own, now), own, now), now) is met, after


def test_a_sequence_that_became_a_count_counted_articles_of_other_rules() -> None:
    """The rule's own remain; and of a state of an earlier release nothing is known."""
    rules = sequence("ultimatum")
    steps = [item(n, f"a{n}").model_copy(update={"step": step}) for n, step in enumerate((0, 0, 1))]
    state = with_article(state_of(*steps, window=rules), item(4, "new"), SEVEN)
    assert [each.article for each in state.items] == ["a2", "new"]
    unknown = with_article(WindowState(items=tuple(steps)), steps[0], rules)
    assert [each.step for each in unknown.items] == [0, 0, 1]
    counted = with_article(WindowState(items=tuple(steps)), steps[0], SEVEN)
    assert [each.article for each in with_article(counted, item(5, "late"), rules).items] == ["a0", "a1", "late"]


def weeks(*counts: int, window: Window = SPIKE) -> WindowState:
    """Counted for a day longer than these weeks, with so many articles at NOON of each, the latest last."""
    state = state_of(item(-60 * 24 * 7 * len(counts) - 60 * 24, "begin"), window=window)
    for back, count in zip(range(len(counts), 0, -1), counts, strict=True):
        for n in range(count):
            at = item(-60 * 24 * 7 * back - 90 + n, f"w{back}-{n}")
            state = with_article(state, at, window)
    return state


def spike(state: WindowState, articles: int) -> WindowCount:
    """The count after so many articles at NOON."""
    for n in range(articles):
        last = item(n - 30, f"now-{n}")
        state = with_article(state, last, SPIKE)
    return count_at(state, last, SPIKE)


@pytest.mark.parametrize(
    ("before", "now", "usual", "met"),
    [
        ((0, 0, 0, 0), 3, 0.0, True),
        ((1, 1, 1, 1), 3, 1.0, True),
        ((2, 2, 2, 2), 5, 2.0, False),
        ((2, 2, 2, 2), 6, 2.0, True),
        ((1, 1, 20, 1), 3, 1.0, True),
        ((1, 1), 2, 1.0, False),
    ],
)
def test_a_spike_is_many_times_the_usual(
    before: tuple[int, ...],
    now: int,
    usual: float,
    met: bool,  # noqa: FBT001  # expected
) -> None:
    """Of the same hours in the weeks before, of which the fullest does not count; and never fewer than asked."""
    count = spike(weeks(*before), now)
    assert (count.usual, is_met(count, SPIKE)) == (usual, met)
    assert count.before == tuple(float(each) for each in reversed(before))


def test_a_spike_is_silent_until_there_is_history() -> None:
    """One week is not the usual."""
    count = spike(weeks(0), 9)
    assert (count.count, count.usual, is_met(count, SPIKE)) == (9, None, False)


def _three_an_hour(days: int, window: Window, state: WindowState | None = None, *, start: float = 0) -> WindowState:
    """Articles every twenty minutes from `start` days after NOON, on top of what was there."""
    state = state or WindowState()
    for number in range(round(start * 72), round(start * 72) + days * 72):
        state = with_article(state, item(20 * number), window)
    return state


def test_a_rule_that_became_a_spike_took_what_it_had_not_counted_for_nothing() -> None:
    """Its articles of five weeks, of which it had kept no hours, were a usual of 0, and the next three a spike."""
    counting = Window(at_least=3, unit=Unit.ARTICLES, within=2 * HOUR)
    state = _three_an_hour(35, counting)
    last = item(35 * 24 * 60)
    count = count_at(with_article(state, last, SPIKE), last, SPIKE)
    assert (count.count, count.before, count.usual, is_met(count, SPIKE)) == (6, (), None, False)


def test_a_state_of_an_earlier_release_said_that_nothing_had_come_since_it_began() -> None:
    """It kept since when it counted, and no hours, of a rule that was no spike."""
    counting = Window(at_least=3, unit=Unit.ARTICLES, within=2 * HOUR)
    state = _three_an_hour(35, counting).model_copy(update={"since": item(0).seen_at})
    last = item(35 * 24 * 60)
    count = count_at(with_article(state, last, SPIKE), last, SPIKE)
    assert (count.count, count.before, count.usual, is_met(count, SPIKE)) == (6, (), None, False)


def test_a_spike_whose_history_became_longer_took_what_it_had_forgotten_for_nothing() -> None:
    """Two weeks are known; those before that were six times nothing."""
    short, long = (SPIKE.model_copy(update={"history": weeks * WEEK}) for weeks in (2, 8))
    state = _three_an_hour(70, short)
    last = item(70 * 24 * 60)
    count = count_at(with_article(state, last, long), last, long)
    assert (count.count, count.before, is_met(count, long)) == (6, (6.0, 6.0), False)


def test_an_article_of_a_clock_far_behind_made_weeks_of_nothing() -> None:
    """Counting began with the others, whatever one article says."""
    state = with_article(_three_an_hour(1, SPIKE), item(-40 * 24 * 60), SPIKE)
    state = _three_an_hour(1, SPIKE, state, start=1)
    last = item(2 * 24 * 60)
    count = count_at(with_article(state, last, SPIKE), last, SPIKE)
    assert (count.before, is_met(count, SPIKE)) == ((), False)


def test_a_first_article_of_a_clock_far_ahead_left_nothing_usual() -> None:
    """Counting begins with those that follow it."""
    state = state_of(item(400 * 24 * 60.0, "wrong"), window=SPIKE)
    state = _three_an_hour(60, SPIKE, state)
    last = item(60 * 24 * 60)
    count = count_at(with_article(state, last, SPIKE), last, SPIKE)
    assert count.usual == 6.0


def test_five_times_a_usual_of_a_hundred_was_no_spike_because_no_more_were_remembered() -> None:
    """What is remembered no more is counted by the hours; an article that comes too late counts alone."""
    window = SPIKE.model_copy(update={"within": 24 * HOUR})
    state = WindowState()
    for day in range(30):
        many = 100 if day < 29 else 500
        for n in range(many):
            state = with_article(state, item(24 * 60 * (day + n / many), f"{day}-{n}"), window)
    count = count_at(state, state.items[-1], window)
    assert (count.count, count.articles, count.usual, len(count.items)) == (500, 500, 100.0, MOST)
    assert is_met(count, window)
    late = item(24 * 60 * 28.5, "late")
    assert count_at(with_article(state, late, window), late, window).count == 1


def test_other_hours_of_the_week_say_nothing_of_the_usual() -> None:
    """A busy morning does not make a busy night usual."""
    state = state_of(item(-60 * 24 * 29, "begin"), window=SPIKE)
    for back in range(1, 4):
        for n in range(50):
            state = with_article(state, item(-60 * 24 * 7 * back + 60 * 8 + n, f"w{back}-{n}"), SPIKE)
    assert spike(state, 3).usual == 0.0


def test_a_copy_adds_nothing_to_the_usual_origins() -> None:
    """Nor to their count."""
    window = SPIKE.model_copy(update={"unit": Unit.ORIGINS})
    state = state_of(item(0, "a", story="s"), item(5, "b", story="s"), item(6, "c"), window=window)
    assert sum(state.hours.values()) == 2


def test_an_hour_that_the_span_cuts_counts_in_part() -> None:
    """History is kept by the hour; within one, articles are taken to be even."""
    state = state_of(item(-60 * 24 * 15, "begin"), window=SPIKE)
    for back in (1, 2):
        for n in range(4):
            state = with_article(state, item(-60 * 24 * 7 * back + n, f"w{back}-{n}"), SPIKE)
    now = item(30, "now")
    assert count_at(with_article(state, now, SPIKE), now, SPIKE).before == (2.0, 2.0)


def test_history_is_forgotten_when_it_is_too_old() -> None:
    """An hour is kept as long as a span of the oldest week may need it, and no longer."""
    much_later = 60 * 24 * 28 + 60 * 4
    state = state_of(item(0), item(much_later), item(much_later + 1), window=SPIKE)
    assert len(state.hours) == 1


def test_a_count_has_grown_when_it_is_half_as_large_again() -> None:
    """Compared with what was told last."""
    told = state_of(*(item(n) for n in range(10))).model_copy(update={"told": 8})
    counts = [count_at(state_of(*(item(n) for n in range(many))), item(0), SEVEN) for many in (11, 12)]
    assert [has_grown(count, told) for count in counts] == [False, True]


DAY = timedelta(days=1)
ABSENCE = Window(at_least=0, unit=Unit.ARTICLES, within=6 * HOUR, history=4 * WEEK, usual=2.0)


def busy_mornings(days: int) -> WindowState:
    """Three articles between nine and ten of every morning, the last of them today; NOON is when it is looked."""
    state = WindowState()
    for day in range(days, -1, -1):
        for n in range(3):
            state = with_article(state, item(-60 * 24 * day - 170 + n, f"d{day}-{n}"), ABSENCE)
    return state


def test_a_silence_is_one_where_something_is_usual() -> None:
    """The night is always silent; tomorrow's morning, which is over at ten, is not."""
    at = silent_at(busy_mornings(28), ABSENCE, NOON)
    assert at is not None
    assert at == NOON + 22 * HOUR
    count = silence_at(busy_mornings(28), ABSENCE, at)
    assert (count.count, count.usual, [each.article for each in count.items]) == (0, 3.0, ["d0-2"])


def test_without_history_or_where_little_is_usual_there_is_no_silence() -> None:
    """Two weeks are needed, and as many as the rule asks for."""
    assert silent_at(busy_mornings(5), ABSENCE, NOON) is None
    assert silent_at(busy_mornings(28), ABSENCE.model_copy(update={"usual": 9.0}), NOON) is None
    assert silent_at(WindowState(), ABSENCE, NOON) is None


def test_a_clock_that_was_wrong_once_takes_neither_history_nor_absence() -> None:
    """An article of the year 2126 lies ahead of all others; what is usual is known as before."""
    state = with_article(busy_mornings(28), item(100 * 365 * 24 * 60.0, "wrong"), ABSENCE)
    last = item(-100, "next")
    assert silent_at(with_article(state, last, ABSENCE), ABSENCE, last.seen_at) == NOON + 22 * HOUR
