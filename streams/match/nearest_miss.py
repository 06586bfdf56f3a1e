"""Says in a sentence what kept a rule from firing: what stands where it came nearest, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.match.explanation import FILTER, Explained, listed

_ALTERNATIVES = 4
"""Most words of which any would do that are told as missing."""


def nearest_miss(explained: Explained) -> str:
    """What the condition lacks, in a sentence: "sentence 4 has demand, but no withdrawal"; "" when it is met."""
    if explained.met:
        return ""
    if explained.parts and explained.parts[0].text.startswith(FILTER):
        return f"the rule does not look at the article, by its {explained.parts[0].text.replace(': ', ' ')}"
    here = _innermost_place(explained)
    has = list(dict.fromkeys(map(_with_words, _leaves(explained, met=True))))
    lacks = list(dict.fromkeys(one.name for one in _leaves(explained, met=False)))
    barred = [f"{part.text} ({', '.join(part.words)})" for part in _barring(explained)]
    verb = "have" if here.startswith("sentences") else "has"
    told = f"{here} {verb} {listed(has, 'and')}" if has else f"{here} {verb} nothing that it asks for"
    if barred:
        return f"{told}, but also {listed(barred, 'and')}, which must not be there"
    if not lacks:
        return f"{told}, but not {next(_unmet_nears(explained), 'together')}"
    return f"{told}, but no {listed(lacks, 'or')}" if has else f"{told}: no {listed(lacks, 'or')}"


def nearest_sentence(explained: Explained) -> str:
    """The sentence, or whatever unit it is, of which the nearest miss tells; "" when there is none."""
    said = explained.said
    for part in explained.parts if not explained.text.startswith("score") else ():
        if not part.met and not part.excludes:
            return nearest_sentence(part) or said
    return said


def _with_words(leaf: Explained) -> str:
    """A term that is there, with the first of its words."""
    quoted = leaf.name.startswith(("'", "/"))
    return leaf.name if quoted or not leaf.words else f"{leaf.name} ({leaf.words[0]})"


def _innermost_place(explained: Explained) -> str:
    """The unit of the deepest scope on the way to what is missing; parts of a score may lie anywhere."""
    place = explained.where or "the article"
    for part in explained.parts if not explained.text.startswith("score") else ():
        if not part.met and not part.excludes:
            inner = _innermost_place(part)
            return place if inner == "the article" else inner
    return place


def _leaves(explained: Explained, *, met: bool) -> Iterator[Explained]:
    """Terms that are there, or those that are missing: of alternatives, the ones of the nearest."""
    if explained.excludes:
        return
    if not explained.parts:
        if explained.met is met:
            yield explained
        return
    for part in _decisive(explained):
        yield from _leaves(part, met=met)


def _unmet_nears(explained: Explained) -> Iterator[str]:
    """How close together, and in which order, words would have to be that are there."""
    if explained.text.startswith("near") and not explained.met:
        yield explained.name
    for part in _decisive(explained) if not explained.met else ():
        yield from _unmet_nears(part)


def _decisive(explained: Explained) -> Sequence[Explained]:
    """The parts that decide: all of a conjunction, of alternatives the nearest, or those met."""
    if explained.text.startswith("any of") and explained.parts and not explained.met:
        if all(not part.parts and not part.share for part in explained.parts):
            return explained.parts[:_ALTERNATIVES]
        return [max(explained.parts, key=lambda part: part.share)]
    if explained.text.startswith(("any of", "at least", "score")) and explained.met:
        return [part for part in explained.parts if part.met]
    return explained.parts


def _barring(explained: Explained) -> Iterator[Explained]:
    """What is there and must not be."""
    if explained.excludes and not explained.met:
        yield from (part for part in explained.parts if part.met)
    elif not explained.met:
        for part in _decisive(explained):
            yield from _barring(part)
