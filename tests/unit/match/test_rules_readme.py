"""The page that teaches the rule language teaches what works."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from streams.match.examples import failures_of
from streams.match.rule_files import Node, PhraseLists, SlotNode
from streams.match.rule_filters import Filters
from streams.match.rulebook import load_rulebook, shipped_rules_dir

_README = (shipped_rules_dir() / "README.md").read_text(encoding="utf-8")


def test_the_rule_built_on_the_page_is_a_rule(tmp_path: Path) -> None:
    """Its two files can be read beside the shipped gazetteers, and its examples hold."""
    rule, concept, exclusion = re.findall(r"```yaml\n(id: .*?)```", _README, re.DOTALL)
    shutil.copytree(shipped_rules_dir() / "gazetteers", tmp_path / "gazetteers")
    shutil.copytree(shipped_rules_dir() / "concepts", tmp_path / "concepts")
    (tmp_path / "bridge-closed.yaml").write_text(rule, encoding="utf-8")
    (tmp_path / "concepts" / "closing.yaml").write_text(concept, encoding="utf-8")
    (tmp_path / "exclusions").mkdir()
    (tmp_path / "exclusions" / "sport.yaml").write_text(exclusion, encoding="utf-8")
    book = load_rulebook(tmp_path)
    assert (set(book.rules), set(book.exclusions)) == ({"bridge-closed"}, {"sport"})
    assert failures_of(book) == []


def test_the_slots_on_the_page_are_slots() -> None:
    """The example of hints is valid."""
    (block,) = re.findall(r"```yaml\n(slots:.*?)```", _README, re.DOTALL)
    for slot in yaml.safe_load(block)["slots"].values():
        SlotNode.model_validate(slot)


def test_the_filters_on_the_page_are_filters() -> None:
    """The example of filters is valid."""
    (block,) = re.findall(r"```yaml\n(filters:.*?)```", _README, re.DOTALL)
    Filters.model_validate(yaml.safe_load(block)["filters"])


def test_every_key_of_conditions_slots_and_phrases_is_on_the_page() -> None:
    """A key that nobody can read about is a key that nobody uses."""
    keys = {key for model in (Node, SlotNode, PhraseLists) for key in model.model_fields} - {"phrase"}
    assert {key for key in keys if key not in _README} == set()
