"""Says in a sentence what kept a rule from firing: what stands where it came nearest, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from streams.match.explanation import FILTER, Explained, listed

_ALTERNATIVES = 4
"""Most words of which any would do that are told as missing."""


def nearest_miss(explained: Explained) -> str:
    """What the condition lacks, in a sentence: "sentence 4 has demand, but no withdrawal"; "" when it is met.

    Where several places are asked about (a sentence, and the title), each that lacks something is told by itself.
    """
    if explained.met:
        return ""
    if explained.parts and explained.parts[0].text.startswith(FILTER):
        return f"the rule does not look at the article, by its {explained.parts[0].text.replace(': ', ' ')}"
    return "; ".join(place.told() for place in _lacking(explained))


def nearest_sentence(explained: Explained) -> str:
    """The first sentence, or whatever unit it is, of which the nearest miss tells; "" when there is none."""
    return next((place.said for place in _lacking(explained) if place.said), "") if not explained.met else ""


def nearest_parts(explained: Explained) -> list[Explained]:
    """The parts that the nearest miss says are missing, apart, or must not be there; each place in the rule once."""
    parts: dict[int, Explained] = {}
    for place in _lacking(explained) if not explained.met else ():
        for part in place.wrong:
            parts.setdefault(id(part.node or part), part)
    return list(parts.values())


@dataclass(slots=True)
class _Place:
    """A unit of the article, and what of the condition is there, is missing, is apart, and must not be there."""

    name: str
    said: str
    has: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)
    wrong: list[Explained] = field(default_factory=list)

    def told(self) -> str:
        """What it has and lacks, in a sentence."""
        have = f"{self.name} {'have' if self.name.startswith('sentences') else 'has'}"
        barred = f"{listed(_each(self.barred), 'and')}, which must not be there" if self.barred else ""
        if not self.lacks:
            wrong = f"but also {barred}" if barred else f"but not {self.apart[0]}" if self.apart else ""
            return f"{have} {listed(_each(self.has), 'and')}, {wrong}" if self.has else f"{have} {barred}"
        missing = f"no {listed(_each(self.lacks), 'or')}"
        if self.has:
            return f"{have} {listed(_each(self.has), 'and')}, but {missing}{barred and f', and also {barred}'}"
        return f"{have} nothing that it asks for: {missing}{barred and f', but {barred}'}"


def _each(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _lacking(explained: Explained) -> list[_Place]:
    """The places where something is wrong, in the order of the condition."""
    places: dict[str, _Place] = {}
    _visit(explained, places, _Place("the article", ""))
    return [one for one in places.values() if one.lacks or one.apart or one.barred]


def _visit(node: Explained, places: dict[str, _Place], above: _Place) -> None:
    """Note what is there and what is missing at and below the node."""
    here = places.setdefault(node.where or above.name, _Place(node.where or above.name, node.said or above.said))
    if node.excludes:
        for part in node.parts if not node.met else ():
            if part.met:
                _visit_barred(part, places, here)
    elif not node.parts:
        (here.has if node.met else here.lacks).append(_with_words(node))
        here.wrong += [] if node.met else [node]
    else:
        for part in _decisive(node):
            _visit(part, places, here)
        if node.text.startswith("near") and not node.met and all(part.met for part in node.parts):
            here.apart.append(node.name)
            here.wrong.append(node)


def _visit_barred(node: Explained, places: dict[str, _Place], above: _Place) -> None:
    """Note what is there and must not be: a term, or of a group or scope the terms that meet it."""
    here = places.setdefault(node.where or above.name, _Place(node.where or above.name, node.said or above.said))
    inner = [part for part in node.parts if part.met and not part.excludes]
    if not inner or (node.words and not node.text.startswith("adds")):
        here.barred.append(f"{node.text} ({', '.join(node.words)})" if node.words else node.text)
        here.wrong.append(node)
        return
    for part in inner:
        _visit_barred(part, places, here)


def _with_words(leaf: Explained) -> str:
    """A term that is there, with the first of its words; one that is missing by its name."""
    if not leaf.met:
        return leaf.name
    quoted = leaf.name.startswith(("'", "/"))
    return leaf.name if quoted or not leaf.words else f"{leaf.name} ({leaf.words[0]})"


def _decisive(explained: Explained) -> Sequence[Explained]:
    """The parts that decide: all of a conjunction, of alternatives the nearest, or those met."""
    if explained.text.startswith("any of") and explained.parts and not explained.met:
        if all(not part.parts and not part.share for part in explained.parts):
            return explained.parts[:_ALTERNATIVES]
        return [max(explained.parts, key=lambda part: part.share)]
    if explained.text.startswith(("any of", "at least", "score")) and explained.met:
        return [part for part in explained.parts if part.met]
    return explained.parts
