"""Decides whether two titles say like things of different happenings. Pure.

No list knows all words that exclude each other, so the titles are laid side by side: where most of their words are the
same, in the same order, those that differ are what sets the two happenings apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from streams.alert.allies import ALLIES
from streams.head_hashes import marked
from streams.messages import ACTOR, CLASS, THING, Traits

MOST_EXCHANGED = 2
"""Most words of a title that stand for as many others when all the rest is the same."""
MIN_KEPT = 2
"""Words that two titles share at least when they differ in one; of independent reports, for each word exchanged."""
MIN_ALIKE = 3
"""Words that titles of independent reports share at least when they differ in what others say for the same."""

_HOURS = ("dawn", "morning", "noon", "evening")
"""In their order; a night is the one before the day or the one after it."""
_PLAN = "plan|carry-out"
_Words = tuple[int, ...]
Path = tuple[str, ...]


def _actor(name: str) -> int:
    return marked(name.encode(), ACTOR)


_PEOPLE = _actor("people")
_ALLIES = tuple(frozenset(map(_actor, names.split())) for names in ALLIES)


class _Aligned(NamedTuple):
    """Two titles side by side: how many words they share in one order, what stands for what, what only one has."""

    kept: int
    exchanged: tuple[tuple[_Words, _Words], ...]
    added: int


def titles_differ(
    one: Traits,
    other: Traits,
    *,
    independent: bool = False,
    by_one: bool = False,
    violent: bool | None = None,
) -> bool:
    """Whether two titles differ in who, whom, where, when or what was done alone.

    Args:
        one: of one text; see `Traits.title`.
        other: of the other one.
        independent: the reports are no copies, and say like things in other words.
        by_one: both are known to tell of the same one who acts.
        violent: whether both are known to tell of violence, where who suffers it stands now before and now behind who
            does it, and which is not denied (a raid puts a hospital out of use); False of demands, which say "no" and
            "plan" of what is demanded; None where that is not known.
    """
    if not (by_one or violent) and _in_other_roles(one.title, other.title):
        return True
    found = _aligned(one.title, other.title)
    retold = independent and found.added > found.kept
    kept = found.kept if independent else MIN_KEPT
    turned = on_other_days(one, other, told=independent)
    turned = turned or (not (by_one or violent is False) and _turns(one, other, deniable=not violent))
    if turned and not retold and _all_but_alike(one.title, other.title, kept):
        return True
    exchanged = found.exchanged
    if independent:
        within = _lie_within(one.headed, other.headed)
        apart = (pair for pair in found.exchanged if not _are_allies(*pair) and not (within and _are_things(*pair)))
        found = found._replace(exchanged=tuple(apart))
    counts_alike = not (independent and len(exchanged) > 1) and bool(set(one.numbers) & set(other.numbers))
    kept = found.kept + counts_alike
    if kept < MIN_KEPT or not found.exchanged or (independent and _say_it_in_two_languages(one, other, exchanged)):
        return False
    changed = sum(max(len(left), len(right)) for left, right in found.exchanged)
    others = any(_name_others(left, right) for left, right in found.exchanged)
    if others and changed <= kept and not (independent and found.added):
        return True
    if found.added or changed > max(MOST_EXCHANGED, kept - 1):
        return False
    return not independent or _tells_apart(found, kept, changed)


def _say_it_in_two_languages(one: Traits, other: Traits, exchanged: Iterable[tuple[_Words, _Words]]) -> bool:
    """Whether one head is in Arabic, all that titles share is in lists, and nothing that was exchanged."""
    if bool(one.arabic) == bool(other.arabic) or any(word % 4 == 0 for word in set(one.title) & set(other.title)):
        return False
    return not any(word % 4 for pair in exchanged for words in pair for word in words)


def _turns(one: Traits, other: Traits, *, deniable: bool) -> bool:
    """Whether one denies what the other says, plans it, or tells of another hour."""
    plans, denies = (_PLAN in one.poles) != (_PLAN in other.poles), deniable and one.negated != other.negated
    return denies or plans or at_other_hours(one, other)


def on_other_days(one: Traits, other: Traits, *, told: bool = False) -> bool:
    """Whether both name days of the week, and none that both do; if `told`, without those on which it was told of."""
    before, after = (set(traits.days) - set(traits.said_on if told else ()) for traits in (one, other))
    return bool(before and after) and before.isdisjoint(after)


def at_other_hours(one: Traits, other: Traits) -> bool:
    """Whether both name hours of the day, and none of one is next to one of the other; nights are next to all."""
    before, after = ([_HOURS.index(hour) for hour in traits.hours if hour in _HOURS] for traits in (one, other))
    return bool(before and after) and (min(before) - max(after) > 1 or min(after) - max(before) > 1)


def _name_others(left: _Words, right: _Words) -> bool:
    """Whether what was exchanged names those who act."""
    return all(any(word % 4 == ACTOR for word in words) for words in (left, right))


def _are_allies(left: _Words, right: _Words) -> bool:
    """Whether those who act stand for some who fight beside them, perhaps with words that are in no list."""
    acting = {word for word in (*left, *right) if word % 4}
    return _name_others(left, right) and _fight_side_by_side(acting)


def _fight_side_by_side(acting: Iterable[int]) -> bool:
    return any(allies.issuperset(acting) for allies in _ALLIES)


def _are_things(left: _Words, right: _Words) -> bool:
    """Whether a place or target stands for another one, perhaps with words beside it that are in no list."""
    marks = [{word % 4 for word in words} for words in (left, right)]
    return all(THING in some and some <= {0, THING} for some in marks)


def _lie_within(some: Iterable[Path], others: Iterable[Path]) -> bool:
    """Whether a place that one title alone names lies within one that the other one alone names."""
    mine, theirs = set(some) - set(others), set(others) - set(some)
    return any(one[: len(two)] == two or two[: len(one)] == one for one in mine for two in theirs)


def _tells_apart(found: _Aligned, kept: int, changed: int) -> bool:
    """Whether what was exchanged sets apart reports that are no copies."""
    for left, right in found.exchanged:
        if all(any(word % 4 == THING for word in words) for words in (left, right)) and all(
            word % 4 for word in (*left, *right)
        ):
            return True
    if any(word % 4 == CLASS for pair in found.exchanged for words in pair for word in words):
        # Others say killed for wounded, or shelled for struck, of one and the same.
        return kept >= MIN_ALIKE and changed == 1
    return kept >= MIN_KEPT * changed or kept > max(changed, MIN_ALIKE)


def _in_other_roles(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two words have changed places, or those who act have, and the rest is the same."""
    if _in_like_company(one, other) or (_PEOPLE in one and _PEOPLE in other and _acts_alone(one, other)):
        return False
    if _have_changed_places(*(tuple(word for word in words if word % 4 != THING) for words in (one, other))):
        return True
    moved = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    if len(one) == len(other) and len(moved) == 2 and moved[0] == moved[1][::-1]:  # noqa: PLR2004  # one for the other
        return not all(word % 4 == CLASS for word in moved[0])
    if _do_it_to_each_other(one, other):
        return True
    acting = [[word for word in words if word % 4 == ACTOR] for words in (one, other)]
    allied = _fight_side_by_side((*acting[0], *acting[1]))
    if allied or acting[0] == acting[1] or Counter(acting[0]) != Counter(acting[1]) or _says_so_last(one, other):
        return False
    rest = [[word for word in words if word % 4 != ACTOR] for words in (one, other)]
    shortest = min(map(len, rest))
    # A verb agrees with another subject: تهاجم, يهاجم.
    return (Counter(rest[0]) & Counter(rest[1])).total() >= max(1, shortest - (shortest >= MIN_ALIKE))


def _acts_alone(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether one acts, or allies do, on civilians, who stand now before and now behind: "civilians killed by"."""
    acting = {word for word in (*one, *other) if word % 4 == ACTOR and word != _PEOPLE}
    return len(acting) <= 1 or _fight_side_by_side(acting)


def _do_it_to_each_other(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether both begin with who did the same, and one who did it in one title stands behind it in the other."""
    (did, deed, to), (does, same, others) = map(_clause, (one, other))
    if not did or not does or deed != same or did & does or not _all_but_alike(one, other):
        return False
    return did <= others or does <= to


def _in_like_company(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether all who act stand beside what they stood beside, in another order: "Turks killed by Syrian shells"."""
    if [word for word in one if word % 4 == CLASS] == [word for word in other if word % 4 == CLASS]:
        return False
    company = [_company(one), _company(other)]
    actors = company[0].keys() | company[1].keys()
    return len(actors) > 1 and all(company[0][actor] & company[1][actor] for actor in actors)


def _company(title: Sequence[int]) -> dict[int, set[int]]:
    """The classes of words nearest to each who acts, on either side."""
    found = defaultdict[int, set[int]](set)
    for words in (title, title[::-1]):
        beside = 0
        for word in words:
            if word % 4 == ACTOR:
                found[word] |= {beside} if beside % 4 == CLASS else set()
            else:
                beside = word
    return found


def _says_so_last(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether who says so stands first in one title, last in the other: "Kyiv: Russia shells Kherson"."""
    for first, last in ((one, other), (other, one)):
        (before, deed, _), (did, same, _) = _clause(first), _clause(last)
        if did and did < before and deed == same and first[0] == last[-1]:
            return True
    return False


def _clause(title: Sequence[int]) -> tuple[set[int], int | None, set[int]]:
    """Who stands before the first word that tells what was done, that word, and all behind it."""
    deed = next((number for number, word in enumerate(title) if word % 4 == CLASS), len(title))
    before = {word for word in title[:deed] if word % 4 != THING}
    return before, next(iter(title[deed:]), None), set(title[deed + 1 :])


def _have_changed_places(one: _Words, other: _Words) -> bool:
    """Whether the beginning of one is the end of the other, about the same middle: "fighters ask army to leave"."""
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    size = len(one)
    return size == len(other) and any(
        other == (*one[end:], *one[begin:end], *one[:begin])
        and any(word % 4 != CLASS for word in (*one[:begin], *one[end:]))
        for begin in range(1, size)
        for end in range(begin + 1, size)
    )


def _all_but_alike(one: Sequence[int], other: Sequence[int], kept: int = MIN_KEPT) -> bool:
    """Whether half of the words of either are the same, in whatever order; at least two of them in one, the `kept`."""
    both = (Counter(one) & Counter(other)).total()
    return min(both, kept) >= MIN_KEPT and 2 * both >= max(len(one), len(other))


def _aligned(one: Sequence[int], other: Sequence[int]) -> _Aligned:
    kept, exchanged, added = 0, list[tuple[_Words, _Words]](), 0
    only = [Counter(one) - Counter(other), Counter(other) - Counter(one)]
    for left, right in _stretches(one, other):
        if left == right:
            kept += len(left)
            continue
        # A word that only stands elsewhere was not exchanged.
        mine, theirs = (
            tuple(word for word in words if word in rest) for words, rest in zip((left, right), only, strict=True)
        )
        if mine and theirs:
            exchanged.append((mine, theirs))
        else:
            added += len(mine) + len(theirs)
    return _Aligned(kept, tuple(exchanged), added)


def _stretches(one: Sequence[int], other: Sequence[int]) -> Iterator[tuple[_Words, _Words]]:
    for _, start, end, begin, stop in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield tuple(one[start:end]), tuple(other[begin:stop])
