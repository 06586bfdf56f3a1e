"""Lint tells what is wrong or doubtful, at its place, and keeps quiet about what is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streams.match.lint import CODES, Level, lint
from streams.match.rulebook import shipped_rules_dir
from tests.unit.match.building import rule_data, write_rules

FRUIT = {"id": "fruit", "title": "Fruit", "phrases": {"en": {"common": ["apple"]}, "ar": {"common": ["تفاحة"]}}}
PLACES = {
    "id": "places",
    "title": "Places",
    "entries": [{"id": "syria", "name": "Syria", "type": "country", "names": {"en": ["Syria"]}}],
}


def _folder(
    tmp_path: Path, match: object, concept: dict[str, Any] | None = None, gazetteer: object = PLACES, **more: object
) -> Path:
    content = {
        "a-rule.yaml": rule_data({"any": [match, {"concept": "fruit"}, {"gazetteer": "places"}]}, why="x", **more),
        "concepts/fruit.yaml": {**FRUIT, **(concept or {})},
        "gazetteers/places.yaml": gazetteer,
    }
    return write_rules(tmp_path, content)


def _codes(folder: Path) -> list[str]:
    return [finding.code for finding in lint(folder)]


def test_the_shipped_rules_have_no_error() -> None:
    """What is shipped can be used."""
    assert [finding for finding in lint(shipped_rules_dir()) if finding.severity is not Level.INFO] == []


def test_rule_files_in_folders_that_nothing_reads_are_told(tmp_path: Path) -> None:
    """They were passed over without a word."""
    folder = _folder(tmp_path, "pear")
    misplaced = {name: rule_data("pear") for name in ("syria/a.yaml", "concept/a.yaml", "concepts/army/a.yml")}
    write_rules(folder, {**misplaced, ".git/a.yaml": "", "schema/a.json": "{}"})
    assert [(one.file.removeprefix(f"{folder}/"), one.code) for one in lint(folder)] == [
        (name, "folder-not-read") for name in ("concept", "concepts/army", "syria")
    ]


def test_a_sound_folder_has_no_findings(tmp_path: Path) -> None:
    """Nothing is said where there is nothing to say."""
    assert lint(_folder(tmp_path, "pear")) == []


@pytest.mark.parametrize(
    ("match", "code"),
    [
        ({"all": ["pear", "Pear"]}, "same-part"),
        ({"any": ["plum", {"concept": "fruit"}, {"concept": "fruit"}]}, "same-part"),
        ({"near": {"within": 3, "of": [{"concept": "fruit"}, {"concept": "fruit"}]}}, "no finding"),
        ({"sentence": ["pear", {"none": ["pear"]}]}, "never-met"),
        ({"all": ["pear"], "none": ["pear"]}, "never-met"),
        ({"all": [{"title": {"any": ["pear", "fig"]}}], "none": ["pear"]}, "no finding"),  # a fig will do
        ({"all": ["pear", {"phrase": "pear", "quoted": True}]}, "no finding"),
        ({"all": [{"title": ["plum", "pear"]}, {"none": [{"any": ["Pear", "fig"]}]}]}, "never-met"),
        ({"sentence": [{"near": {"within": 3, "of": ["plum", "pear"]}}, {"none": ["plum"]}]}, "never-met"),
        ({"near": {"within": 3, "of": ["plum", "pear"], "without": ["plum", "fig"]}}, "never-met"),
        ({"title": [{"any": ["plum", {"lead": "pear"}]}]}, "never-met"),
        ("فال", "no finding"),
        ({"all": ["pear", {"regex": r"\bقصف\b"}]}, "latin-class"),
        ({"all": ["pear", {"regex": r"قصف \\d"}]}, "no finding"),
        ({"all": ["pear", {"regex": r"\bpear\b"}]}, "no finding"),
    ],
)
def test_doubtful_conditions(tmp_path: Path, match: object, code: str) -> None:
    """Each kind has its code."""
    assert _codes(_folder(tmp_path, match)) == ([] if code == "no finding" else [code])


def test_a_condition_that_is_content_with_words_that_are_everywhere(tmp_path: Path) -> None:
    """It would fire on almost every article; a rarer word beside it mends that."""
    write_rules(tmp_path, {"a-rule.yaml": rule_data({"any": ["the", "apple"]}, why="x")})
    assert _codes(tmp_path) == ["fires-on-most", "frequent-word"]
    write_rules(tmp_path, {"a-rule.yaml": rule_data({"sentence": ["the", "apple"]}, why="x")})
    assert _codes(tmp_path) == ["frequent-word"]
    write_rules(tmp_path, {"a-rule.yaml": rule_data({"regex": "(?i)e"}, why="x")})
    assert _codes(tmp_path) == ["fires-on-most", "slow-rule"]
    write_rules(tmp_path, {"a-rule.yaml": rule_data({"regex": "T-[0-9]+"}, why="x")})
    assert _codes(tmp_path) == ["slow-rule"]


def test_a_part_without_words_in_a_declared_language(tmp_path: Path) -> None:
    """The smallest part that has to be met is named, at its place, and nothing that has an alternative."""
    examples = {
        kind: [{"lang": lang, "text": "x", **({"because": "y"} if kind == "silent" else {})} for lang in ("en", "ar")]
        for kind in ("fires", "silent")
    }
    match = {
        "sentence": [{"concept": "fruit"}, {"any": ["pear", "إجاص"]}, {"any": [{"gazetteer": "places"}, "hamlet"]}]
    }
    rule = rule_data(match, languages=["en", "ar"], examples=examples, why="x")
    folder = write_rules(
        tmp_path, {"a-rule.yaml": rule, "concepts/fruit.yaml": FRUIT, "gazetteers/places.yaml": PLACES}
    )
    (finding,) = lint(folder)
    assert (finding.code, finding.severity) == ("language-gap", Level.WARNING)
    assert finding.message == "any of [places, 'hamlet'] can never be met in 'ar', which the rule declares"
    assert (finding.line, finding.file) != (1, "")


@pytest.mark.parametrize(
    ("phrases", "found"),
    [
        ({"common": ["apple"], "exact": ["apples"]}, ["subsumed-phrase"]),
        ({"common": ["apple", "red apple"]}, ["contained-phrase"]),
        ({"exact": ["apple"], "common": ["red apple"]}, []),  # not in "red apples"
        ({"common": ["apple"], "ambiguous": [{"exact": ["apples"], "context": ["tree"]}]}, ["subsumed-phrase"]),
        ({"exact": ["apples"], "ambiguous": [{"common": ["apple"], "context": ["tree"]}]}, []),
        ({"ambiguous": [{"common": ["apple"], "context": [{"concept": "arabic"}]}]}, ["unreachable-phrase"]),
        ({"name": ["May"]}, ["homograph"]),
        ({"name": ["Pu\u0442in"]}, ["mixed-script"]),  # a Cyrillic te
        ({"name": ["Zürich \u041c"]}, []),
        ({"verb": ["lead/led"]}, ["frequent-word"]),
        ({"ambiguous": [{"name": ["May"], "context": ["month"]}]}, []),
    ],
)
def test_doubtful_english_phrases(tmp_path: Path, phrases: object, found: list[str]) -> None:
    """Superfluous ones, ones that never count, and spellings of frequent words."""
    folder = _folder(tmp_path, {"concept": "arabic"}, {"phrases": {"en": phrases}})
    arabic = {"id": "arabic", "title": "a", "phrases": {"ar": {"exact": ["شجرة"]}}}
    write_rules(folder, {"concepts/arabic.yaml": arabic})
    assert _codes(folder) == found


@pytest.mark.parametrize(
    ("phrases", "found"),
    [
        ({"name": ["علي"]}, ["homograph"]),  # folds to "on"
        ({"verb": ["أصر/يصر"]}, ["homograph"]),  # insisted; "we insist" is spelled like victory
        ({"verb": ["دعا/يدعو"]}, ["frequent-word"]),  # called: دعا and دعت are its own forms
        ({"exact": ["كان"]}, ["frequent-word"]),  # was; "as if" is spelled like it
        ({"common": ["محافظ"]}, ["homograph"]),  # governor, with a pronoun: governorate
        ({"common": ["مدينة"]}, ["frequent-word"]),  # with the article it is still the town
        ({"common": ["عدم انسحاب", "عدم الانسحاب"]}, ["subsumed-phrase"]),
        ({"common": ["قصف", "قصف مدفعي"]}, ["contained-phrase"]),
        ({"exact": ["قصف"], "common": ["قصف مدفعي"]}, []),  # not in "والقصف المدفعي"
        ({"common": ["الانسحاب"]}, ["with-article"]),  # "انسحاب القوات" was missed without a word
        ({"common": ["ألغام", "الأمين العام"], "name": ["الفوعة"]}, []),
    ],
)
def test_doubtful_arabic_phrases(tmp_path: Path, phrases: object, found: list[str]) -> None:
    """What is written on to words is taken into account."""
    assert _codes(_folder(tmp_path, "x", {"phrases": {"ar": phrases}})) == found


def test_ambiguous_names_that_nothing_can_make_count(tmp_path: Path) -> None:
    """Without a context and without a family of their own they are dead letters."""
    entry = {"id": "nice", "name": "Nice", "type": "town", "names": {"en": {"ambiguous": ["Nice"]}}}
    gazetteer = {**PLACES, "entries": [entry]}
    assert _codes(_folder(tmp_path, "x", gazetteer=gazetteer)) == ["unreachable-phrase"]
    assert _codes(_folder(tmp_path, "x", gazetteer={**gazetteer, "context": ["town"]})) == []


def test_what_is_not_used_and_not_explained(tmp_path: Path) -> None:
    """Is worth knowing, and no more."""
    files = {"a-rule.yaml": rule_data("x"), "concepts/fruit.yaml": FRUIT, "gazetteers/places.yaml": PLACES}
    findings = lint(write_rules(tmp_path, files))
    assert {(finding.code, finding.severity) for finding in findings} == {
        ("missing-why", Level.INFO),
        ("unused-concept", Level.INFO),
        ("unused-gazetteer", Level.INFO),
    }


def test_broken_files_do_not_hide_what_is_doubtful_in_others(tmp_path: Path) -> None:
    """Errors and warnings come out of one run, each with its code."""
    files = {
        "a.yaml": "id:\n\t- x",
        "b.yaml": {**rule_data("x", id="b"), "titel": "y", "match": {"concept": "frut"}},
        "c.yaml": rule_data({"concept": "fruit"}, id="c", why="x"),
        "concepts/fruit.yaml": {**FRUIT, "phrases": {"en": {"common": ["apple", "Apple"], "exact": ["apples"]}}},
    }
    found = [(Path(finding.file).name, finding.code) for finding in lint(write_rules(tmp_path, files))]
    assert found == [
        ("a.yaml", "not-yaml"),
        ("b.yaml", "unknown-concept"),
        ("b.yaml", "unknown-key"),
        ("fruit.yaml", "same-fold"),
        ("fruit.yaml", "subsumed-phrase"),
    ]


def test_every_code_is_explained() -> None:
    """rules/lint.md has a row for each, with its severity."""
    page = (shipped_rules_dir() / "lint.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{code}` | {level.value} | {meaning} |" for code, (level, meaning) in CODES.items()]
