"""The JSON Schemas are current, allow what the models allow, and are found by editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams import located_yaml
from streams.match.field_descriptions import FIELDS
from streams.match.rule_files import FileModel
from streams.match.rulebook import shipped_rules_dir
from streams.match.schema import FileKind, file_name, modeline, schema_of, spelled
from tests.unit.match.building import rule_data
from tests.unit.match.schema_check import faults

RULES = shipped_rules_dir()
FOLDERS = {FileKind.RULE: RULES, FileKind.CONCEPT: RULES / "concepts", FileKind.GAZETTEER: RULES / "gazetteers"}
SHIPPED = [(kind, path) for kind, folder in FOLDERS.items() for path in sorted(folder.glob("*.yaml"))]


@pytest.mark.parametrize("kind", FileKind)
def test_the_shipped_schema_is_current(kind: FileKind) -> None:
    """`marsad rules schema --write --rules rules` brings it up to date."""
    shipped = (RULES / "schema" / file_name(kind)).read_text(encoding="utf-8")
    assert shipped == spelled(kind)
    assert json.loads(shipped)["title"] == f"Marsad {kind.value}"


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=lambda value: value.name if isinstance(value, Path) else "")
def test_each_shipped_file_names_its_schema_and_satisfies_it(kind: FileKind, path: Path) -> None:
    """In its first line, by a path that leads to it."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == modeline(kind)
    assert (path.parent / first.partition("$schema=")[2]).resolve() == RULES / "schema" / file_name(kind)
    assert faults(located_yaml.read(path).data, schema_of(kind)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"match": "a string"},
        {"match": {"sentence": "one"}},
        {"match": {"near": {"within": 0, "of": ["a", {"any": ["b"]}]}}},
        {"slots": {"who": {"concept": "x"}, "whose": ["a", {"concept": "b"}], "where": {"terms": "a", "after": ["b"]}}},
        {
            "examples": {
                "fires": [{"lang": "en", "text": "x", "slots": {"who": "y"}}],
                "silent": rule_data("x")["examples"]["silent"],
            }
        },
    ],
)
def test_short_forms_are_allowed(change: dict[str, Any]) -> None:
    """What an analyst may write short, an editor does not mark."""
    assert faults({**rule_data("x"), **change}, schema_of(FileKind.RULE)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"titel": "x"},
        {"id": "A Rule"},
        {"status": "lively"},
        {"match": {}},
        {"match": {"senctence": ["x"]}},
        {"match": {"all": []}},
        {"match": {"near": {"within": 99, "of": ["a", "b"]}}},
        {"match": {"near": {"within": 3, "of": ["a"]}}},
        {"alert": {"repeat_after": "12 weeks"}},
        {"languages": []},
        {"examples": {"fires": [], "silent": []}},
        {"slots": {"who": {"terms": "x", "nearst": "y"}}},
    ],
)
def test_mistakes_are_marked(change: dict[str, Any]) -> None:
    """While they are typed, not only by lint."""
    assert faults({**rule_data("x"), **change}, schema_of(FileKind.RULE)) != []


_BASES = {"PhraseLists", "Counting"}
"""Of which no file has any."""


def test_every_key_is_described() -> None:
    """And no key that is not there."""
    models = {model.__name__: model for model in FileModel.__subclasses__()}
    models |= {below.__name__: below for model in models.values() for below in model.__subclasses__()}
    keys = {name: set(model.model_fields) for name, model in models.items() if name not in _BASES}
    assert {name: set(texts) for name, texts in FIELDS.items()} == keys
