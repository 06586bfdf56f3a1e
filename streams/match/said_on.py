"""Finds the days on which something was said, which are not those on which what is told happened."""

from __future__ import annotations

from collections.abc import Iterable

from streams.match.fold import Folded, fold_phrase
from streams.match.head_words import Found, Group

_SAID, _BETWEEN, _THAT = (
    frozenset(fold_phrase(word) for word in words.split())
    for words in (
        "said says reported told announced confirmed added stated قال قالت ذكر ذكرت أعلن أعلنت أفاد أفادت أكد أضاف",
        "on late early reporters journalists afp reuters ap يوم اليوم",
        "أن إن بأن أنه إنه بأنه أنها إنها بأنها",
    )
)
"""Verbs of saying, what stands between one and the day ("told AFP on Friday"), and behind it in Arabic: that."""
_REACH = 4
"""Words before a day among which the verb is."""


def said_on(folded: Folded, found: Iterable[Found]) -> tuple[str, ...]:
    """The days that are named beside a verb of saying and nowhere else, sorted."""
    days = [one for one in found if one.group is Group.DAY]
    said = {one.name for one in days if _is_of_saying(folded, one)}
    return tuple(sorted(said - {one.name for one in days if not _is_of_saying(folded, one)}))


def _is_of_saying(folded: Folded, day: Found) -> bool:
    before = folded.spaced[: day.start].split()[: -_REACH - 1 : -1]
    after = folded.spaced[day.end :].split(maxsplit=1)
    if after and after[0] in _THAT:
        return True
    return next((word in _SAID for word in before if word not in _BETWEEN), False)
