"""Builds rulebooks from plain data for the tests of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from streams.match.engine import Engine
from streams.match.exclusion_files import ExclusionFile
from streams.match.rule_files import ConceptFile, GazetteerFile, RuleFile
from streams.match.rulebook import Rulebook

DATA = Path(__file__).resolve().parents[2] / "data"
ARTICLE = DATA / "000_41b66a15c4aab343.txt"

Data = Mapping[str, Any]  # Any: YAML


def rule_data(match: object, **more: object) -> dict[str, Any]:
    """The content of a rule file with this condition, otherwise as small as it may be."""
    data: dict[str, Any] = {
        "id": "a-rule",
        "title": "A rule",
        "status": "live",
        "severity": "low",
        "languages": ["en"],
        "match": match,
        "alert": {"repeat_after": "12h"},
        "examples": {
            "fires": [{"lang": "en", "text": "yes"}],
            "silent": [{"lang": "en", "text": "no", "because": "it says no"}],
        },
    }
    return {**data, **more}


def concept(name: str, *, patterns: Sequence[object] = (), **phrases: object) -> ConceptFile:
    """A concept with phrases by language, and patterns."""
    return ConceptFile.model_validate({"id": name, "title": name, "phrases": phrases, "patterns": list(patterns)})


def exclusion(name: str, *none: object, **more: object) -> ExclusionFile:
    """An exclusion for rules with the tag t."""
    examples = rule_data("x")["examples"]
    data = {"id": name, "title": name, "tags": ["t"], "none": list(none), "examples": examples, **more}
    return ExclusionFile.model_validate(data)


def rulebook_of(
    *rules: Data,
    concepts: tuple[ConceptFile, ...] = (),
    gazetteers: tuple[GazetteerFile, ...] = (),
    exclusions: Iterable[ExclusionFile] = (),
) -> Rulebook:
    """A rulebook of rules given as data."""
    parsed = [RuleFile.model_validate(rule) for rule in rules]
    return Rulebook(
        {rule.id: rule for rule in parsed},
        {one.id: one for one in concepts},
        {one.id: one for one in gazetteers},
        "r1:test",
        {one.id: one for one in exclusions},
    )


def engine_of(
    match: object,
    *concepts: ConceptFile,
    gazetteers: tuple[GazetteerFile, ...] = (),
    exclusions: Iterable[ExclusionFile] = (),
    **more: object,
) -> Engine:
    """An engine with one rule."""
    rule = rule_data(match, **more)
    return Engine(rulebook_of(rule, concepts=concepts, gazetteers=gazetteers, exclusions=exclusions))


def fires(engine: Engine, text: str, title: str = "") -> bool:
    """Whether any rule fires."""
    return bool(engine.evaluate(title, text))


def words_of(engine: Engine, text: str, title: str = "") -> list[str]:
    """The evidence of the only rule."""
    return [evidence.text for match in engine.match(title, text) for evidence in match.evidence]


def write_rules(folder: Path, files: Mapping[str, object]) -> Path:
    """Write a rule folder: data as YAML, text as it is."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            spelled = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
            path.write_text(spelled, encoding="utf-8")
    return folder
