"""Finds what is wrong or doubtful in a rule folder: every finding of every file in one run, each at its place.

What makes a rulebook unusable is an error (`streams.match.rulebook` refuses it). What is very likely not meant is a
warning, and what is only worth knowing is info. A broken file does not keep the others from being looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from streams.errors import Problem
from streams.file_names import name_of
from streams.located_yaml import few_of_each_file
from streams.match.lint_conditions import condition_problems
from streams.match.lint_phrases import phrase_problems
from streams.match.nodes import nodes_below, nodes_of_slots
from streams.match.pruning import concepts_of
from streams.match.rulebook import SHELVES, Reading, folders_not_read, read_folder


class Level(StrEnum):
    """How bad a finding is: the rules cannot be used; it is probably a mistake; it is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


CODES: dict[str, tuple[Level, str]] = {
    "unreadable": (Level.ERROR, "The file cannot be opened, is too large, or is not UTF-8."),
    "too-large": (
        Level.ERROR,
        "A part of the file holds more values than Marsad compiles, or concepts or entries lie too deep in others.",
    ),
    "not-read": (Level.ERROR, "The file's name does not end in `.yaml`, so it would be passed over."),
    "folder-not-read": (Level.WARNING, "A folder below that of the rules holds files that would be passed over."),
    "not-yaml": (Level.ERROR, "The file is not YAML: a tab, a missing quote, wrong indentation."),
    "alias": (Level.ERROR, "Anchors, aliases and tags are not used in rules."),
    "duplicate-key": (Level.ERROR, "A key stands twice; YAML would silently take the last."),
    "invisible-mark": (Level.ERROR, "A key has an invisible direction mark in it."),
    "unknown-key": (Level.ERROR, "A key that nothing reads, most often a slip of the pen."),
    "missing-key": (Level.ERROR, "A key that every such file needs is not there."),
    "bad-value": (Level.ERROR, "A value is of the wrong kind or outside what is allowed."),
    "no-rules": (Level.ERROR, "The folder holds no rule."),
    "id-differs": (Level.ERROR, "The id is not the file's name."),
    "duplicate-id": (Level.ERROR, "Two files, or two entries of a gazetteer, have the same id."),
    "unknown-concept": (Level.ERROR, "There is no such concept."),
    "unknown-gazetteer": (Level.ERROR, "There is no such gazetteer."),
    "unknown-type": (Level.ERROR, "No entry of the gazetteer has this type."),
    "unknown-entry": (Level.ERROR, "The gazetteer has no such entry."),
    "unknown-slot": (Level.ERROR, "The rule has no such slot."),
    "unknown-rule": (Level.ERROR, "There is no such rule."),
    "circle": (Level.ERROR, "A concept takes itself in, or an entry is among its own parents."),
    "bad-phrase": (Level.ERROR, "A phrase that cannot be looked for: empty, too long, or a malformed verb."),
    "same-fold": (Level.ERROR, "Two phrases of one list differ only in what folding ignores."),
    "missing-example": (Level.ERROR, "A declared language has no text that fires, or none that must not."),
    "fires-on-all": (Level.ERROR, "The condition can be met by an article without a single word that it asks for."),
    "fires-on-most": (Level.WARNING, "The condition is content with words that nearly every article has."),
    "slow-rule": (Level.WARNING, "The rule can be met without a phrase, so every article costs its evaluation."),
    "latin-class": (Level.WARNING, "A regex has `\\b`, `\\w` or `\\d`, which know Latin letters alone, beside others."),
    "never-met": (Level.WARNING, "A part of the condition can never be met."),
    "language-gap": (Level.WARNING, "A part that has to be met has no words in a language that the rule declares."),
    "same-part": (Level.WARNING, "A part stands twice in one list."),
    "subsumed-phrase": (Level.WARNING, "Another phrase of the concept covers every form of this one."),
    "unreachable-phrase": (Level.WARNING, "An ambiguous phrase or name that nothing can make count."),
    "mixed-script": (Level.WARNING, "A word has letters of two scripts that look alike; no text spells it so."),
    "homograph": (Level.WARNING, "A form of the phrase is spelled like a frequent word of another meaning."),
    "frequent-word": (Level.INFO, "The phrase is itself one of the most frequent words; it will be found very often."),
    "contained-phrase": (Level.INFO, "Wherever the phrase stands, a shorter one of the same concept stands too."),
    "with-article": (Level.INFO, "An Arabic noun is written with the article, and is not found without it."),
    "unused-concept": (Level.INFO, "No rule uses the concept."),
    "unused-gazetteer": (Level.INFO, "No rule uses the gazetteer."),
    "unused-exclusion": (Level.INFO, "No rule has one of the exclusion's tags."),
    "missing-why": (Level.INFO, "The rule does not say why it exists."),
}
"""Every code: how bad it is, and what it means."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong or doubtful; line and column count from 1, 0 where there is no place."""

    file: str
    line: int
    column: int
    code: str
    severity: Level
    message: str
    hint: str


def lint(folder: Path) -> list[Finding]:
    """Every finding of every file under `folder`, in the order of files and lines."""
    reading = read_folder(folder)
    doubts = sorted(_doubts(reading), key=lambda problem: CODES[problem.code][0] is not Level.WARNING)
    return sorted({_finding(problem) for problem in (*reading.problems, *few_of_each_file(doubts))})


def _finding(problem: Problem) -> Finding:
    level, _ = CODES[problem.code]
    return Finding(problem.file, problem.line, problem.column, problem.code, level, problem.message, problem.hint)


def _doubts(reading: Reading) -> Iterator[Problem]:
    yield from condition_problems(reading)
    yield from phrase_problems(reading)
    yield from _unused(reading)
    yield from _passed_over(reading)
    for rule in reading.rules.values():
        if not rule.why:
            hint = "say in one sentence what the rule is to find"
            document = reading.documents["RuleFile", rule.id]
            yield document.problem(("id",), "the rule does not say why it exists", hint, code="missing-why")


def _passed_over(reading: Reading) -> Iterator[Problem]:
    """Folders with rule files that nothing reads: a slip in a folder's name, or rules sorted into folders."""
    for path in folders_not_read(reading.folder):
        close = get_close_matches(path.name, SHELVES, n=1) if path.parent == reading.folder else ()
        shelves = "concepts, gazetteers and exclusions in folders of these names"
        hint = f"did you mean {close[0]}/?" if close else f"rules lie in the rule folder itself, {shelves}"
        yield Problem(name_of(path), 0, 0, "the files in this folder are not read", hint, "folder-not-read")


def _unused(reading: Reading) -> Iterator[Problem]:
    """Concepts and gazetteers that nothing leads to; nothing is said while a rule is broken, which might use them."""
    if any(model == "RuleFile" for model, _ in reading.broken):
        return
    hint = "use it, or delete the file"
    for name in sorted(set(reading.concepts) - concepts_of(reading.rulebook())):
        document = reading.documents["ConceptFile", name]
        yield document.problem(("id",), f"no rule uses the concept {name!r}", hint, code="unused-concept")
    tags = {tag for rule in reading.rules.values() for tag in rule.tags}
    for exclusion in reading.exclusions.values():
        if tags.isdisjoint(exclusion.tags):
            document = reading.documents["ExclusionFile", exclusion.id]
            message, hint = (
                f"no rule has a tag of the exclusion {exclusion.id!r}",
                "give a rule the tag, or delete the file",
            )
            yield document.problem(("tags",), message, hint, code="unused-exclusion")
    barred = [node for one in reading.exclusions.values() for top in one.none for _, node in nodes_below(top, ())]
    used = {node.gazetteer for node in barred} | {
        node.gazetteer
        for rule in reading.rules.values()
        for _, node in (
            *nodes_below(rule.match, ()),
            *nodes_of_slots(rule, reading.documents["RuleFile", rule.id]),
        )
    }
    contexts = [node for file in reading.gazetteers.values() for node in file.context]
    for concept in reading.concepts.values():
        contexts += [node for lists in concept.phrases.values() for some in lists.ambiguous for node in some.context]
    used |= {node.gazetteer for node in contexts}
    for name in sorted(set(reading.gazetteers) - used):
        document = reading.documents["GazetteerFile", name]
        yield document.problem(("id",), f"no rule uses the gazetteer {name!r}", hint, code="unused-gazetteer")
