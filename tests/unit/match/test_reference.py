"""The reference page has every key of every file, and its examples and codes are true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter

from streams import located_yaml
from streams.match.field_descriptions import FIELDS
from streams.match.field_examples import EXAMPLES
from streams.match.lint import CODES
from streams.match.reference import model_of, page
from streams.match.rulebook import shipped_rules_dir
from streams.match.schema import FileKind, schema_of

PAGE = (shipped_rules_dir() / "reference.md").read_text(encoding="utf-8")
KEYS = [(model, key) for model, examples in EXAMPLES.items() for key in examples]
OWN_KEYS = [(model, key) for model, key in KEYS if model != "ScorePart" or key == "weight"]
"""A part of a score has the keys of a condition too, which are the same."""


def keys_of_files() -> Iterator[tuple[str, str]]:
    """Every key of every part of every kind of file, from the schemas."""
    for kind in FileKind:
        schema = schema_of(kind)
        for name, part in {f"{kind.value.capitalize()}File": schema, **schema.get("$defs", {})}.items():
            for key in part.get("properties", {}):
                yield name, key


def test_the_page_is_current() -> None:
    """`python -m streams.match.reference > rules/reference.md` brings it up to date."""
    assert page() == PAGE


def test_every_key_is_described_with_an_example_and_no_other() -> None:
    """A key that was added or taken out is noticed here."""
    there = set(keys_of_files())
    assert {(model, key) for model, keys in FIELDS.items() for key in keys} == there
    assert set(KEYS) == there
    assert all(f"### {model}\n" in PAGE for model, _ in there)


@pytest.mark.parametrize(("model", "key"), OWN_KEYS, ids=str)
def test_each_example_can_be_written_there(model: str, key: str) -> None:
    """As the value of its key it is read without an error."""
    value = located_yaml.parse(f"{key}: {EXAMPLES[model][key].yaml}", "example").data[key]
    field = model_of(model).model_fields[key]
    TypeAdapter(field.rebuild_annotation()).validate_python(value)


def test_every_code_is_one_of_lint() -> None:
    """And every code about a key's value is named at some key."""
    named = {code for examples in EXAMPLES.values() for example in examples.values() for code in example.codes}
    assert named <= set(CODES)
    about_files = {
        "unreadable",
        "too-large",
        "not-read",
        "folder-not-read",
        "not-yaml",
        "alias",
        "duplicate-key",
        "invisible-mark",
        "no-rules",
    }
    assert set(CODES) - named - about_files - {"unknown-key", "missing-key"} == set()
