"""A rule folder is read whole, or refused with every problem at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.errors import RuleError
from streams.match.engine import Engine
from streams.match.rulebook import load_rulebook, read_folder, shipped_rules_dir
from tests.unit.match.building import rule_data, write_rules

FRUIT = {"id": "fruit", "title": "Fruit", "phrases": {"en": {"common": ["apple"]}}}
PLACES = {
    "id": "places",
    "title": "Places",
    "entries": [{"id": "syria", "name": "Syria", "type": "country", "names": {"en": ["Syria"]}}],
}


def _problems(folder: Path) -> list[str]:
    with pytest.raises(RuleError) as caught:
        load_rulebook(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def _refused(tmp_path: Path, **files: object) -> list[str]:
    names = {"rule": "a-rule.yaml", "concept": "concepts/fruit.yaml", "gazetteer": "gazetteers/places.yaml"}
    folder = write_rules(tmp_path, {names[name]: content for name, content in files.items()})
    return _problems(folder)


def test_the_shipped_rules_can_be_read() -> None:
    """All rules are there, with a version."""
    book = load_rulebook(shipped_rules_dir())
    assert set(book.rules) == {"ceasefire-syria", "escalation-idlib", "troop-withdrawal", "troop-withdrawal-demand"}
    assert book.version.startswith("r2:")


def test_six_errors_in_one_file_are_six_problems(tmp_path: Path) -> None:
    """One run tells them all, each with file, line and column, and the nearest known word."""
    text = """\
id: a-rule
titel: A rule
status: lively
severity: low
languages: [en]
match: {all: [{concept: fruits}, {gazetteer: places, type: town}]}
alert: {repeat_after: 12 weeks}
examples:
  fires: [{lang: en, text: x}]
  silent: [{lang: en, text: y, because: z}]
"""
    found = _refused(tmp_path, rule=text, concept=FRUIT, gazetteer=PLACES)
    places = [problem.split(": ", 1)[0] for problem in found]
    assert places == [f"a-rule.yaml:{place}" for place in ("1:1", "2:1", "3:1", "6:16", "6:54", "7:9")]
    assert "unknown key 'titel' (did you mean 'title'?)" in found[1]
    assert "unknown concept 'fruits' (did you mean 'fruit'?)" in found[3]
    text = text.replace("titel", "title").replace("lively", "live").replace("12 weeks", "12h")
    assert _refused(tmp_path, rule=text) == [
        "a-rule.yaml:6:16: unknown concept 'fruits' (did you mean 'fruit'?)",
        "a-rule.yaml:6:54: unknown type 'town'",
    ]


def test_what_is_wrong_with_a_way_to_fill_a_slot_stands_in_its_line(tmp_path: Path) -> None:
    """In a list of ways, and where one stands in place of the list; a slot in the short form has none."""
    text = """\
id: a-rule
title: A rule
status: live
severity: low
languages: [en]
match: {concept: fruit}
slots:
  who:
    terms: [x]
    fallback:
      - terms: [{concept: fruit}]
      - terms: [z]
        without: [x, {concept: fruits}]
  whose: [{concept: fruits}]
  where: {concept: fruits}
  when:
    terms: [x]
    fallback:
      terms: [{concept: fruits}]
alert: {repeat_after: 12h}
examples:
  fires: [{lang: en, text: x}]
  silent: [{lang: en, text: y, because: z}]
"""
    found = _refused(tmp_path, rule=text, concept=FRUIT)
    assert [problem.split(": ", 1)[0].removeprefix("a-rule.yaml:") for problem in found] == [
        "13:23",
        "14:12",
        "15:11",
        "19:16",
    ]
    wrong = text.replace("fruits", "fruit").replace("[z]", "[z]\n        within: 2").replace("whose: [", "whose: [x, ")
    assert _refused(tmp_path, rule=wrong.replace("fruit}]\n      -", "fruit}]\n        firts: true\n      -"))[:2] == [
        "a-rule.yaml:12:9: unknown key 'slots.who.fallback.0.firts' (did you mean 'first'?)",
        "a-rule.yaml:13:9: slots.who.fallback.1: within says how near to `nearest`, which is not there",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "other"}, "the id 'other' differs from the file's name"),
        ({"id": "A Rule"}, "is no id"),
        ({"match": {"none": ["x"]}}, "can be met without any word"),
        ({"match": {"all": []}}, "write at least 1 here"),
        ({"match": {"concept": "fruit", "any": ["x"]}}, "cannot stand side by side"),
        ({"match": {"at_least": 3, "of": ["x", "y"]}}, "can never be met"),
        ({"match": {"near": {"within": 3, "of": ["x", {"none": ["y"]}]}}}, "near takes terms"),
        ({"match": {"near": {"within": 99, "of": ["x", "y"]}}}, "write 50 or less here"),
        ({"match": "…"}, "holds no letter or digit"),
        ({"match": ["x"]}, "match: write all: or any: before this list"),
        ({"match": {"any": [5]}}, "match.any.0: write words in quotes, or keys and values, here"),
        ({"languages": ["en", "ar"]}, "no example in 'ar' under fires"),
        ({"examples": {"fires": [{"lang": "en", "text": "x"}]}}, "'examples.silent' is missing"),
        ({"alert": {"repeat_after": "12h", "new_if": ["where"]}}, "unknown slot 'where'"),
        ({"slots": {"who": {"concept": "frut"}}}, "unknown concept 'frut' (did you mean 'fruit'?)"),
        ({"slots": {"who": {"sentence": ["x"]}}}, "a slot takes terms"),
    ],
)
def test_what_a_rule_may_not_say(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Each mistake is one problem that names it."""
    data = {**rule_data({"concept": "fruit"}), **change}
    found = _refused(tmp_path, rule=data, concept=FRUIT)
    assert any(message in problem for problem in found), found


@pytest.mark.parametrize(
    "change",
    [
        {"slotz": {}},
        {"severity": "huge"},
        {"match": {"any": ["…", {"concept": "fruits"}, {"near": {"within": 99, "of": ["x", "y"]}}]}},
        {"alert": {"repeat_after": "12 weeks"}, "examples": []},
    ],
)
def test_what_is_wrong_with_a_file_does_not_hide_the_rest_of_it(tmp_path: Path, change: dict[str, Any]) -> None:
    """A slip in a key or value hid phrases that cannot be looked for until it was mended."""
    data = {**rule_data({"any": ["…", {"concept": "fruits"}]}), **change}
    fruit = {**FRUIT, "include": "x", "phrases": {"en": {"common": ["apple", "APPLE", 5]}}}
    found = _refused(tmp_path, rule=data, concept=fruit)
    for message in ("'…' holds no letter", "'fruits' (did you mean 'fruit'?)", "'APPLE' folds to the same as 'apple'"):
        assert sum(message in problem for problem in found) == 1, found
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phrases": {"en": {"common": ["apple", "APPLE"]}}}, "'APPLE' folds to the same as 'apple'"),
        ({"phrases": {"ar": {"name": ["—"]}}}, "holds no letter or digit"),
        ({"phrases": {"ar": {"verb": ["دعا"]}}}, "past/present"),
        ({"phrases": {"en": {"exact": ["w " * 10_000]}}}, "more than 12 words"),
        ({"phrases": {}}, "neither phrases, patterns nor include"),
        ({"include": ["fruit"]}, "takes itself in"),
        ({"patterns": [{"near": {"within": 1, "of": ["ripe", {"concept": "fruit"}]}}]}, "is a part of itself"),
        ({"patterns": [{"sentence": "ripe"}]}, "patterns takes terms"),
        ({"patterns": [{"regex": "{{a}} said"}]}, "no part 'a' above its use as {{a}}"),
        ({"parts": {"a": "{{b}}", "b": "x"}, "patterns": [{"regex": "{{a}}"}]}, "no part 'b' above its use as {{b}}"),
        (
            {"parts": {"a": "x" * 999, "b": "{{a}}{{a}}{{a}}"}, "patterns": [{"regex": "a"}]},
            "the part 'b' has more than",
        ),
        ({"include": ["nothing"]}, "unknown concept 'nothing'"),
        ({"phrases": {"en": {"noun": ["apple"]}}}, "unknown key 'phrases.en.noun'"),
        ({"phrases": {"en": {"ambiguous": [{"name": ["x"], "context": [{"concept": "no"}]}]}}}, "unknown concept 'no'"),
        ({"phrases": {"en": {"ambiguous": [{"name": ["x"], "context": [{"none": ["y"]}]}]}}}, "context takes terms"),
    ],
)
def test_what_a_concept_may_not_say(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Each mistake is one problem that names it."""
    found = _refused(tmp_path, rule=rule_data("x"), concept={**FRUIT, **change})
    assert any(message in problem for problem in found), found


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"id": "syria"}, "the entry 'syria' stands twice"),
        ({"parent": "nowhere"}, "unknown entry 'nowhere'"),
        ({"parent": "town"}, "a circle among its parents"),
        ({"point": [1.0]}, "point"),
    ],
)
def test_what_a_gazetteer_may_not_say(tmp_path: Path, entry: dict[str, Any], message: str) -> None:
    """Each mistake is one problem that names it."""
    town = {"id": "town", "name": "Town", "type": "town", "names": {"en": ["Town"]}, **entry}
    found = _refused(tmp_path, rule=rule_data("x"), gazetteer={**PLACES, "entries": [*PLACES["entries"], town]})
    assert any(message in problem for problem in found), found


def test_a_concept_whose_file_is_broken_is_not_called_unknown(tmp_path: Path) -> None:
    """One mistake is one problem, and a key that stands twice hides no other."""
    broken = 'id: fruit\ntitle: a\ntitle: b\nphrases: {en: {noun: ["apple"]}}\n'
    found = _refused(tmp_path, rule=rule_data({"concept": "fruit"}), concept=broken)
    assert [problem.split(" (")[0] for problem in found] == [
        "concepts/fruit.yaml:3:1: the key 'title' stands twice",
        "concepts/fruit.yaml:4:16: unknown key 'phrases.en.noun'",
    ]


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    """Tabs, anchors, bytes that are no text and a wrong suffix are told beside each other."""
    files = {
        "a.yaml": "id:\n\t- x",
        "b.yaml": "id: &a [*a]",
        "c.yaml": b"\xff\xfe\xfa",
        "d.yml": "id: d",
        "e.yaml": rule_data({"concept": "fruit"}, id="f"),
    }
    found = _problems(write_rules(tmp_path, files))
    assert {problem.split(":")[0] for problem in found} == set(files)


def test_no_places_are_worked_out_for_files_that_are_right() -> None:
    """Reading the shipped folder asks for none; this is half of what reading would cost."""
    reading = read_folder(shipped_rules_dir())
    assert (reading.problems, [name for name, one in reading.documents.items() if "_root" in vars(one)]) == ([], [])


def test_no_folder_and_no_rules(tmp_path: Path) -> None:
    """Both are said in so many words."""
    assert "holds no rule" in _problems(tmp_path)[0]
    assert "is no folder" in _problems(tmp_path / "none")[0]


def test_the_version_follows_what_the_rules_say(tmp_path: Path) -> None:
    """A comment does not change it, a word does."""
    folder = write_rules(tmp_path, {"a-rule.yaml": rule_data("apple")})
    first = load_rulebook(folder).version
    path = folder / "a-rule.yaml"
    path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_rulebook(folder).version == first
    write_rules(folder, {"a-rule.yaml": rule_data("pear")})
    assert load_rulebook(folder).version != first


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 99), st.text(max_size=8), st.just("fruit"))
_KEYS = "all any none at_least of near within sentence title concept gazetteer phrase ordered terms nearest before"
_JUNK = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS.split()), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    part=st.sampled_from(["match", "slots", "examples", "alert", "languages", "status", "id", "event"]),
    junk=_JUNK,
    phrases=_JUNK,
)
def test_whatever_stands_in_the_files_only_rule_errors_come_out(
    tmp_path: Path, part: str, junk: Any, phrases: Any
) -> None:
    """Random content is a rulebook that runs, or a RuleError."""
    files = {"a-rule.yaml": {**rule_data("x"), part: junk}, "concepts/fruit.yaml": {**FRUIT, "phrases": phrases}}
    try:
        engine = Engine(load_rulebook(write_rules(tmp_path, files)))
    except RuleError:
        return
    engine.match("x", "apple")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!#'\"\n\t |>%@?,\x00\u202e", max_size=40))
def test_whatever_text_a_file_is_only_rule_errors_come_out(tmp_path: Path, text: str) -> None:
    """Random text as a rule file is refused in the declared way."""
    with pytest.raises(RuleError):
        load_rulebook(write_rules(tmp_path, {"a-rule.yaml": text.encode("utf-8")}))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"cameo": "1056", "plover": "REQUEST"}, ""),
        ({"cameo": "19"}, ""),
        ({"cameo": "00"}, "event.cameo"),
        ({"cameo": "21"}, "event.cameo"),
        ({"cameo": "10561"}, "event.cameo"),
        ({"cameo": 190}, "event.cameo"),
        ({"plover": "FIGHT"}, "event.plover"),
        ({"plover": "assault"}, "event.plover"),
    ],
)
def test_event_codes_are_those_of_their_books(tmp_path: Path, event: object, told: str) -> None:
    """A code that is in no book joins no data."""
    write_rules(tmp_path, {"a-rule.yaml": rule_data("apple", event=event)})
    found = [problem.message for problem in read_folder(tmp_path).problems]
    assert all(message.startswith(told) for message in found)
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"severity": "hihg"}, "severity: 'hihg' is none of low, medium, high, critical; did you mean high?"),
        ({"status": "on"}, "status: 'on' is none of live, shadow, off"),
        ({"event": {"plover": "DEMAND"}}, "event.plover: 'DEMAND' is none of AGREE, CONSULT, "),
        ({"event": {"cameo": "1057"}}, "event.cameo: '1057' is no event code of CAMEO: 105 has 1051 to 1056"),
        ({"languages": ["English"]}, "languages.0: write a code as it is known: a language as ar or en"),
        ({"match": {"phrase": "x", "negated": "maybe"}}, "match.negated: write true or false here"),
    ],
)
def test_a_wrong_value_is_told_in_words_of_the_file(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """With the values that there are, and the nearest; not in words of Python."""
    reading = read_folder(write_rules(tmp_path, {"a-rule.yaml": rule_data("x") | change}))
    assert any(problem.message.startswith(message) for problem in reading.problems), reading.problems
