"""Two titles that are alike but for what sets their happenings apart; words are numbers, whose last bits are marks."""

from __future__ import annotations

import pytest

from streams.alert.titles import titles_differ
from streams.head_hashes import marked
from streams.messages import ACTOR, CLASS, THING, Traits

RUSSIA, TURKEY, IRAQ = (4 * number + ACTOR for number in (1, 2, 3))
SARAQIB, ARIHA, MARKET, SCHOOL = (4 * number + THING for number in (1, 2, 3, 4))
STRIKE, KILL, WOUND = (4 * number + CLASS for number in (1, 2, 3))
JETS, HIT, HEAVY, ARMS, NIGHT, PART = (4 * number for number in (1, 2, 3, 4, 5, 6))


def differ(one: tuple[int, ...], other: tuple[int, ...], *, independent: bool) -> bool:
    return titles_differ(Traits(title=one), Traits(title=other), independent=independent)


@pytest.mark.parametrize(
    ("one", "other", "of_copies", "of_reports"),
    [
        ((RUSSIA, JETS, HIT, SARAQIB), (TURKEY, JETS, HIT, SARAQIB), True, True),
        ((STRIKE, HIT, MARKET, SARAQIB), (STRIKE, HIT, SCHOOL, SARAQIB), True, True),
        ((STRIKE, HIT, MARKET, SARAQIB), (STRIKE, HIT, MARKET, ARIHA), True, True),
        ((JETS, HIT, HEAVY, ARMS, SARAQIB), (JETS, PART, HEAVY, ARMS, SARAQIB), True, True),
        ((STRIKE, KILL, SARAQIB), (STRIKE, WOUND, SARAQIB), True, False),
        ((STRIKE, KILL, NIGHT, SARAQIB), (STRIKE, WOUND, NIGHT, SARAQIB), True, True),
        ((RUSSIA, JETS, HIT, TURKEY), (TURKEY, JETS, HIT, RUSSIA), True, True),
        ((STRIKE, HIT, RUSSIA, TURKEY), (STRIKE, HIT, HEAVY, TURKEY, RUSSIA), True, True),
        ((HIT, STRIKE, NIGHT, JETS), (HIT, JETS, NIGHT, STRIKE), True, True),
        ((RUSSIA, HIT, HEAVY, ARMS, NIGHT, SARAQIB), (TURKEY, HIT, HEAVY, ARMS, NIGHT, ARIHA), True, True),
    ],
    ids=[
        "another actor",
        "another target",
        "another place",
        "another word",
        "killed for wounded",
        "killed for wounded and all else alike",
        "roles changed",
        "roles changed and a word added",
        "words changed about",
        "actor and place",
    ],
)
def test_titles_that_differ_in_little_are_of_two_happenings(
    one: tuple[int, ...], other: tuple[int, ...], *, of_copies: bool, of_reports: bool
) -> None:
    """Who, whom, where or what; independent reports say like things in other words."""
    assert differ(one, other, independent=False) == differ(other, one, independent=False) == of_copies
    assert differ(one, other, independent=True) == differ(other, one, independent=True) == of_reports


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((STRIKE, HIT, MARKET), (STRIKE, HIT, MARKET)),
        ((STRIKE, HIT, MARKET), (STRIKE, HIT, MARKET, SARAQIB)),
        ((STRIKE, KILL, SARAQIB), (KILL, STRIKE, SARAQIB)),
        ((STRIKE, HIT, MARKET, SARAQIB), (HEAVY, ARMS, NIGHT, SARAQIB)),
        ((STRIKE, SARAQIB), (STRIKE, ARIHA)),
        ((STRIKE, HIT, SARAQIB), (STRIKE, PART, SARAQIB, NIGHT, HEAVY)),
        ((), (STRIKE, HIT)),
    ],
    ids=["the same", "a word more", "the other order", "another headline", "too little", "words added too", "none"],
)
def test_other_headlines_for_the_same_do_not_differ(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """A headline is written anew, and not in one word."""
    assert not differ(one, other, independent=False)
    assert not differ(one, other, independent=True)


def test_a_denial_is_not_what_it_denies() -> None:
    """Of titles that are alike for the better part; of others it says nothing."""
    said = Traits(title=(RUSSIA, HIT, MARKET))
    assert titles_differ(said, Traits(title=(RUSSIA, PART, HIT, MARKET), negated=True))
    assert not titles_differ(said, Traits(title=(RUSSIA, HEAVY, ARMS, NIGHT, JETS), negated=True))


def test_reports_that_share_less_than_they_add_may_tell_of_two_days() -> None:
    """The raid, and the death in hospital on the day after; twins have all but a few words in common."""
    saturday = Traits(title=(MARKET, SARAQIB, STRIKE, RUSSIA, JETS, KILL), days=("saturday",))
    sunday = Traits(title=(KILL, HEAVY, ARMS, MARKET, NIGHT, SARAQIB), days=("sunday",))
    assert not titles_differ(saturday, sunday, independent=True)
    assert titles_differ(saturday, sunday)


def test_words_of_two_languages_tell_nothing_apart() -> None:
    """Where all that titles share is in lists; an actor of one language is one in the other."""
    arabic = Traits(title=(RUSSIA, JETS, TURKEY, IRAQ, HIT, SARAQIB), arabic=(1, 2))
    english = Traits(title=(RUSSIA, HEAVY, TURKEY, IRAQ, ARMS, SARAQIB))
    assert not titles_differ(arabic, english, independent=True)
    assert titles_differ(arabic.model_copy(update={"arabic": ()}), english, independent=True)
    another = Traits(title=(RUSSIA, JETS, TURKEY, SARAQIB), arabic=(1, 2))
    assert titles_differ(another, Traits(title=(RUSSIA, HEAVY, IRAQ, SARAQIB)), independent=True)


def test_violence_is_not_denied_by_the_words_for_it() -> None:
    """A raid stops a hospital, or puts it out of use."""
    one, other = Traits(title=(RUSSIA, HIT, MARKET)), Traits(title=(RUSSIA, HIT, MARKET), negated=True)
    assert titles_differ(one, other, independent=True)
    assert not titles_differ(one, other, independent=True, violent=True)


def test_a_denial_in_another_order_is_one() -> None:
    """The order of words is free, as in a sentence that begins with what the other one ends with."""
    asked, done = (RUSSIA, ARMS, HIT, MARKET, SARAQIB), (RUSSIA, HIT, MARKET, SARAQIB, ARMS)
    assert titles_differ(Traits(title=asked, negated=True), Traits(title=done))
    assert not titles_differ(Traits(title=asked), Traits(title=done))


def test_a_demand_in_other_words_was_taken_for_a_plan_or_its_denial() -> None:
    """Who wants a deployment cancelled, or troops to plan their leaving, denies and plans nothing."""
    title = (IRAQ, HIT, RUSSIA, ARMS)
    plain, denied, planned = (
        Traits(title=title, **changes) for changes in ({}, {"negated": True}, {"poles": ("plan|carry-out",)})
    )
    for other in (denied, planned):
        assert titles_differ(plain, other, independent=True)
        assert not titles_differ(plain, other, independent=True, violent=False)
        assert not titles_differ(plain, other, independent=True, by_one=True)


def test_who_suffered_violence_was_taken_for_who_did_it() -> None:
    """Of independent reports one says who was killed first, and the other one by whom."""
    one, other = Traits(title=(RUSSIA, KILL, TURKEY, SARAQIB)), Traits(title=(TURKEY, KILL, RUSSIA, SARAQIB))
    assert titles_differ(one, other, independent=True)
    assert not titles_differ(one, other, independent=True, violent=True)


def test_the_day_of_a_letter_set_two_reports_of_it_apart() -> None:
    """Independent reports name days on which somebody told of it, and others."""
    dated, told = (
        Traits(title=(STRIKE, HIT, MARKET), days=(day,), said_on=said)
        for day, said in (("thursday", ()), ("friday", ("friday",)))
    )
    assert titles_differ(dated, told)
    assert not titles_differ(dated, told, independent=True)


def test_like_titles_of_two_days_differ() -> None:
    """The daily report in its usual words; a text that names both days is of either."""
    monday, tuesday = (Traits(title=(STRIKE, HIT, MARKET), days=(day,)) for day in ("monday", "tuesday"))
    assert titles_differ(monday, tuesday, independent=True)
    assert not titles_differ(monday, tuesday.model_copy(update={"days": ("monday", "tuesday")}), independent=True)


def test_like_titles_of_two_hours_differ() -> None:
    """Dawn and noon are two times of a day, a night and a morning may be one."""
    dawn, noon, night = (Traits(title=(STRIKE, HIT, MARKET), hours=(hour,)) for hour in ("dawn", "noon", "night"))
    assert titles_differ(dawn, noon, independent=True)
    assert not titles_differ(night, noon, independent=True)


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ((RUSSIA, STRIKE, KILL, TURKEY, WOUND), (TURKEY, WOUND, KILL, RUSSIA, STRIKE), False),
        ((RUSSIA, STRIKE, KILL, TURKEY, WOUND), (KILL, WOUND, TURKEY, STRIKE, RUSSIA), False),
        ((RUSSIA, STRIKE, KILL, TURKEY, WOUND), (TURKEY, STRIKE, KILL, RUSSIA, WOUND), True),
        ((KILL, WOUND, TURKEY, STRIKE, RUSSIA), (KILL, WOUND, RUSSIA, STRIKE, TURKEY), True),
    ],
    ids=["passive", "as Arabic says it", "roles changed", "and as Arabic says it"],
)
def test_a_passive_tells_the_same(one: tuple[int, ...], other: tuple[int, ...], *, differ: bool) -> None:
    """Russian strikes kill Turkish soldiers, who were killed in Russian strikes."""
    assert titles_differ(Traits(title=one), Traits(title=other), independent=True) is differ
    assert titles_differ(Traits(title=other), Traits(title=one), independent=True) is differ


def test_a_number_that_both_have_is_shared() -> None:
    """So that "Bomb kills three in Sarmada" and "... in Harem" have enough in common."""
    one, other = (Traits(title=(KILL, place), numbers=(3,)) for place in (SARAQIB, ARIHA))
    assert titles_differ(one, other, independent=True)
    assert not titles_differ(one, other.model_copy(update={"numbers": (4,)}), independent=True)
    rephrased = Traits(title=(MARKET, KILL, ARIHA), numbers=(3,)), Traits(title=(SCHOOL, KILL, SARAQIB), numbers=(3,))
    assert not titles_differ(*rephrased, independent=True)


def test_what_is_planned_has_not_happened() -> None:
    """Of titles that are alike for the better part."""
    done = Traits(title=(RUSSIA, HIT, MARKET))
    assert titles_differ(done, Traits(title=(RUSSIA, PART, HIT, MARKET), poles=("plan|carry-out",)))
    assert not titles_differ(done, Traits(title=(RUSSIA, HEAVY, ARMS, NIGHT, JETS), poles=("plan|carry-out",)))


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ((STRIKE, ARMS, HIT, RUSSIA, PART), (RUSSIA, HIT, STRIKE, ARMS, PART), True),
        ((RUSSIA, HIT, HEAVY, NIGHT, TURKEY, ARMS), (TURKEY, PART, NIGHT, HEAVY, RUSSIA, ARMS), True),
        ((STRIKE, KILL, HIT), (HIT, STRIKE, KILL), False),
        ((STRIKE, HIT, KILL, PART), (KILL, HIT, STRIKE, PART), False),
        ((HIT, JETS, SARAQIB), (SARAQIB, HIT, JETS), False),
    ],
    ids=[
        "about the verb",
        "a verb that agrees",
        "what stood last is first",
        "as another language says it",
        "where first",
    ],
)
def test_who_has_changed_places_plays_another_role(
    one: tuple[int, ...], other: tuple[int, ...], *, differ: bool
) -> None:
    """Whether or not a gazetteer knows him."""
    assert titles_differ(Traits(title=one), Traits(title=other)) is differ


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ((RUSSIA, STRIKE, SARAQIB, MARKET), (TURKEY, STRIKE, SARAQIB, MARKET, RUSSIA), True),
        ((PART, STRIKE, MARKET, NIGHT, RUSSIA, JETS), (RUSSIA, STRIKE, MARKET, PART, JETS), True),
        ((RUSSIA, TURKEY, STRIKE, SARAQIB), (TURKEY, STRIKE, SARAQIB, RUSSIA), False),
        ((RUSSIA, KILL, STRIKE, SARAQIB), (STRIKE, KILL, RUSSIA, HEAVY, SARAQIB), False),
        ((RUSSIA, STRIKE, SARAQIB), (TURKEY, STRIKE, HEAVY, ARMS, NIGHT, RUSSIA), False),
    ],
    ids=["and the first is now last", "whom no list knows", "who says so", "as in the passive", "other headlines"],
)
def test_who_did_it_does_not_suffer_it(one: tuple[int, ...], other: tuple[int, ...], *, differ: bool) -> None:
    """Where both begin with who did the same, one of them stands behind it in the other."""
    for independent in (False, True):
        assert titles_differ(Traits(title=one), Traits(title=other), independent=independent) is differ
        assert titles_differ(Traits(title=other), Traits(title=one), independent=independent) is differ


def test_allies_are_named_for_each_other() -> None:
    """Outlets name now Syria, now Russia for one raid; Turkey would be another one."""
    syria, russia, turkey = (marked(name.encode(), ACTOR) for name in ("SYR", "RUS", "TUR"))
    assert not differ((syria, STRIKE, SARAQIB), (russia, STRIKE, SARAQIB), independent=True)
    assert differ((syria, STRIKE, SARAQIB), (turkey, STRIKE, SARAQIB), independent=True)


def test_civilians_do_nothing_to_anybody() -> None:
    """They stand now before those who kill them, now behind."""
    people = marked(b"people", ACTOR)
    assert not differ((TURKEY, KILL, people, SARAQIB), (people, KILL, TURKEY, SARAQIB), independent=True)
    assert differ((TURKEY, KILL, RUSSIA, SARAQIB), (RUSSIA, KILL, TURKEY, SARAQIB), independent=True)


def test_a_place_is_said_for_one_that_lies_in_it() -> None:
    """An airport and its province; another place sets the happenings apart."""
    airport, idlib, hama = (("syria", "syria", "idlib", "abu"), ("syria", "syria", "idlib"), ("syria", "syria", "hama"))
    one = Traits(title=(STRIKE, HIT, MARKET, SARAQIB), headed=(airport,))
    within, elsewhere = (Traits(title=(STRIKE, HIT, MARKET, ARIHA), headed=(place,)) for place in (idlib, hama))
    assert not titles_differ(one, within, independent=True)
    assert titles_differ(one, elsewhere, independent=True)


def test_who_acts_is_known_better_from_slots_than_from_the_order_of_words() -> None:
    """One month for French troops, demands Mali: French troops have a month, says Mali."""
    one, other = Traits(title=(RUSSIA, HIT, TURKEY, ARMS)), Traits(title=(TURKEY, HIT, RUSSIA, ARMS))
    assert titles_differ(one, other, independent=True)
    assert not titles_differ(one, other, independent=True, by_one=True)
