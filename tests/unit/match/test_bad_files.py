"""Whatever lies in a rule folder, each bad file is told at its place, and the good ones are still looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.cli.main import app
from streams.errors import RuleError
from streams.match.engine import Engine
from streams.match.fitness import no_timelines, problems_of
from streams.match.lint import CODES, lint
from streams.match.rulebook import load_rulebook, read_folder
from tests.unit.match.building import write_rules

RULE = """\
id: {id}
title: A rule
status: live
severity: low
languages: [en]
why: x
match: {match}
alert: {{repeat_after: 12h}}
examples:
  fires: [{{lang: en, text: x}}]
  silent: [{{lang: en, text: y, because: z}}]
"""
CONCEPT = "id: {id}\ntitle: A concept\ninclude: [{include}]\n"


def rule(name: str, match: str = '"xylophone"') -> str:
    """A rule file."""
    return RULE.format(id=name, match=match)


BOMB = "\n".join(['a0: &a0 ["x"]', *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))])
BAD: dict[str, tuple[str | bytes, str]] = {
    "latin.yaml": (rule("latin").replace("A rule", "Un\xe9").encode("latin-1"), "2:10: is not UTF-8"),
    "utf16.yaml": (rule("utf16").encode("utf-16"), "1:1: is not UTF-8"),
    "bare-utf16.yaml": (rule("bare-utf16").encode("utf-16-le"), "1:2: not YAML: the character U+0000"),
    "nul.yaml": (rule("nul").replace("A rule", "A\0"), "2:9: not YAML: the character U+0000"),
    "tab.yaml": (rule("tab").replace("  fires", "\tfires"), "10:1: not YAML: found character"),
    "anchor.yaml": (rule("anchor", "&a [*a]"), "7:8: anchors and aliases"),
    "bomb.yaml": (BOMB, "1:5: anchors and aliases"),
    "merge.yaml": (rule("merge") + "<<: {owner: x}\n", "12:1: merge keys"),
    "tag.yaml": (rule("tag", "!!python/object:os.system x"), "7:8: the tag"),
    "huge.yaml": (b"x: y\n" * 2_000_001, "is larger than 10000000 bytes"),
    "long.yaml": (rule("long", f'"{"word " * 10_000}"'), "7:1: the phrase has more than 12 words"),
    "long-id.yaml": (rule("a " * 10_000), "1:1: id: 'a a"),
    "mark.yaml": (rule('"ma\u202erk"'), "1:1: id: 'ma\\u202erk' is no id"),
    "hidden-mark.yaml": (rule("hidden-mark").replace("why", '"wh\u200fy"'), "6:1: the key 'wh\\u200fy' has"),
    "escape.yaml": (rule("escape") + '"a\\e[31m\\n": 1\n', "12:1: unknown key"),
    "values.yaml": (rule("values") + "tags: [" + "x, " * 100_000 + "]\n", "12:"),
    "large.yaml": (
        rule("large", "{any: [" + "x, " * 5_001 + "]}"),
        "7:1: match holds more than 5,000 values (split it",
    ),
    "concepts/many.yaml": (
        "id: many\ntitle: x\nphrases:\n  en:\n    exact: [" + "x, " * 5_001 + "]\n",
        "3:1: phrases holds more than 5,000 values (split the concept",
    ),
    "concepts/words.yaml": (
        "id: words\ntitle: x\nphrases:\n  ar:\n    common: [" + "كلمة " * 7 + "]\n",
        "5:14: a common phrase has at most 6 words; write it under exact",
    ),
    "deep.yaml": (rule("deep", "{all: [" * 400 + "x" + "]}" * 400), "7:182: is nested deeper"),
    "twice.yaml": (rule("twice") + "owner: a\nowner: b\n", "13:1: the key 'owner' stands twice"),
    "second.yaml": (rule("second") + "---\nid: x\n", "12:1: a second document"),
    "other.yaml": (rule("twice"), "1:1: the id 'twice' differs"),
    "empty.yaml": ("", "1:1: write keys and values here"),
    "suffix.yml": (rule("suffix"), "is not read"),
    "concepts/a.yaml": (CONCEPT.format(id="a", include="b"), "3:11: 'a' takes itself in"),
    "concepts/b.yaml": (CONCEPT.format(id="b", include="c"), "3:11: 'b' takes itself in"),
    "concepts/c.yaml": (CONCEPT.format(id="c", include="a"), "3:11: 'c' takes itself in"),
    "good.yaml": (rule("good", '{concept: "nowhere"}'), "7:9: unknown concept 'nowhere'"),
}
"""Files, and the first that is told of each; the last is a good file that names what is not there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every bad file, and with what is no file at all."""
    folder = write_rules(tmp_path_factory.mktemp("bad"), {name: content for name, (content, _) in BAD.items()})
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "dangling.yaml").symlink_to("nowhere")
    (folder / "memory.yaml").symlink_to("/proc/self/mem")
    (folder / "folder.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / os.fsdecode(b"\xff.yaml")).write_text("", encoding="utf-8")
    (folder / ".#good.yaml").symlink_to("somebody@somewhere.1")
    (folder / "gazetteers").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def problems(folder: Path) -> list[str]:
    """All that is told of the folder, by path within it."""
    with pytest.raises(RuleError) as caught:
        load_rulebook(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


@pytest.mark.parametrize("name", BAD)
def test_each_bad_file_is_told_at_its_place(problems: list[str], name: str) -> None:
    """And no other hides it."""
    place = f"{name}:{' ' if BAD[name][1].startswith('is ') else ''}{BAD[name][1]}"
    assert [one for one in problems if one.startswith(place)] != [], [one for one in problems if one.startswith(name)]


@pytest.mark.parametrize("name", ["loop", "dangling", "memory", "folder", "pipe"])
def test_what_is_no_file_is_told(problems: list[str], name: str) -> None:
    """A link that leads nowhere, memory, a folder, a pipe that nobody writes into."""
    assert len([one for one in problems if one.startswith(f"{name}.yaml: cannot be read: ")]) == 1


def test_names_of_files_can_be_printed(problems: list[str]) -> None:
    """Whatever bytes they are; locks and backups of editors are passed over; a file is no shelf."""
    assert any(one.startswith("\\xff.yaml:1:1: ") for one in problems)
    assert not any(one.startswith(".#") for one in problems)
    assert any(one.startswith("gazetteers: cannot be read: Not a directory") for one in problems)
    assert all(one.isprintable() for one in problems)


def test_a_file_full_of_mistakes_is_told_up_to_a_limit(tmp_path: Path) -> None:
    """A hundred are enough, and that there are more."""
    write_rules(tmp_path, {"a-rule.yaml": rule("a-rule") + "".join(f"k{n}: x\n" for n in range(500))})
    with pytest.raises(RuleError) as caught:
        load_rulebook(tmp_path)
    found = caught.value.problems
    assert (len(found), sum("there is more" in one.message for one in found)) == (101, 1)


def test_findings_of_lint_are_told_up_to_a_limit(tmp_path: Path) -> None:
    """Of each file; what is wrong comes before what is only doubtful, and that before what is worth knowing."""
    concept = "id: c\ntitle: x\nphrases:\n  en:\n    common: [ab, {}]\n    exact: [{}]\n"
    contained = ", ".join(f"ab w{number}" for number in range(200))
    subsumed = ", ".join(f"ab w{number}" for number in range(20))
    write_rules(
        tmp_path,
        {"a-rule.yaml": rule("a-rule", "{concept: c}"), "concepts/c.yaml": concept.format(contained, subsumed)},
    )
    found = [finding for finding in lint(tmp_path) if finding.file.endswith("c.yaml")]
    assert len(found) == 101
    assert sum(finding.code == "subsumed-phrase" for finding in found) == 20


def test_lint_match_and_check_say_it_and_stop(folder: Path, tmp_path: Path) -> None:
    """Lint finds it, match and check (through `problems_of`) refuse it with every problem."""
    found = CliRunner().invoke(app, ["rules", "lint", "--json", "--rules", str(folder)])
    assert found.exit_code == 1
    files = {Path(json.loads(line)["file"]).name for line in found.stdout.splitlines()}
    assert {Path(name).name for name in BAD} < files
    (tmp_path / "story.txt").write_text("A story", encoding="utf-8")
    outcome = CliRunner().invoke(app, ["match", "--rules", str(folder), str(tmp_path / "story.txt")])
    assert isinstance(outcome.exception, RuleError)
    assert len(problems_of(read_folder(folder), no_timelines)) == len(outcome.exception.problems)


SOUND = {
    "a-rule.yaml": rule("a-rule", "{sentence: [{concept: fruit}, {gazetteer: places, within: syria}, {none: [pear]}]}"),
    "concepts/fruit.yaml": (
        "id: fruit\ntitle: Fruit\nphrases:\n  en:\n    common: [apple, pear]\n    verb: [eat/ate/eaten]\n"
        "    ambiguous:\n      - name: [May]\n        context: [{concept: time}]\n"
        "  ar:\n    common: [تفاحة]\n    verb: [دعا/يدعو]\n"
    ),
    "concepts/time.yaml": "id: time\ntitle: Time\nphrases: {en: {exact: [month]}}\n",
    "gazetteers/places.yaml": (
        "id: places\ntitle: Places\nfamilies: [land]\ncontext: [town of]\nentries:\n"
        "  - {id: syria, name: Syria, type: land, point: [35.0, 38.5], names: {en: [Syria]}}\n"
        "  - {id: homs, name: Homs, type: town, parent: syria, names: {en: {name: [Homs], ambiguous: [Hom]}}}\n"
    ),
}
PIECES = ["", ":", "- ", "[", "]", "{", "}", "&a", "*a", '"', "'", "\n", "\t", "\0", "#", " ", "~", "99", "all", "of"]
PIECES += ["near", "concept", "ar", "en", "common", "id", "fruit", "\u202e", "\ud83d", "ا", "x/y", "/", "true", "-1"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.data())
def test_a_mutated_folder_gives_findings_or_a_rulebook(tmp_path: Path, data: st.DataObject) -> None:
    """Pieces put in, taken out and lines swapped: only declared findings come out, or rules that run."""
    files: dict[str, object] = dict(SOUND)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(SOUND)))
        text = str(files[name])
        first = data.draw(st.integers(0, len(text)))
        last = min(len(text), first + data.draw(st.integers(0, 6)))
        piece = data.draw(st.sampled_from(PIECES) | st.just(text[first : first + 30] * 2))
        files[name] = text[:first] + piece + text[last:]
    coded = {name: str(text).encode("utf-8", "surrogatepass") for name, text in files.items()}
    findings = lint(write_rules(tmp_path, coded))
    assert {finding.code for finding in findings} <= set(CODES)
    try:
        book = load_rulebook(tmp_path)
    except RuleError:
        assert any(finding.severity == "error" for finding in findings)
        return
    assert not any(finding.severity == "error" for finding in findings)
    Engine(book).match("Syria", "In May they ate an apple in Homs.")


def test_concepts_and_entries_that_lie_deep_in_others_ended_lint(tmp_path: Path) -> None:
    """They are told at the first that is too deep; what is not is compiled."""
    chain = [f"  - near: {{within: 1, of: [{{concept: c{number + 1}}}, yes]}}" for number in range(300)]
    entry = "  - {{id: e{0}, name: E, type: town, names: {{en: [Town{0}]}}{1}}}"
    files = {
        **{f"concepts/c{n}.yaml": f"id: c{n}\ntitle: C\npatterns:\n{pattern}\n" for n, pattern in enumerate(chain)},
        "concepts/c300.yaml": "id: c300\ntitle: C\nphrases: {en: {exact: [xylophone]}}\n",
        "gazetteers/g.yaml": "id: g\ntitle: G\nentries:\n"
        + "".join(entry.format(n, f", parent: e{n + 1}" if n < 51 else "") + "\n" for n in range(52)),
        "a.yaml": rule("a", "{concept: c0}"),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    told = [f"{Path(one.file).name}:{one.line}: {one.message}" for one in lint(tmp_path) if one.severity == "error"]
    assert told == [
        "c250.yaml:1: 'c250' asks for concepts that ask for others, 50 deep",
        "g.yaml:4: more than 50 entries hold 'e0', one within another",
    ]
    (tmp_path / "a.yaml").write_text(rule("a", "{concept: c251}"))
    (tmp_path / "gazetteers/g.yaml").unlink()
    for number in range(251):
        (tmp_path / f"concepts/c{number}.yaml").unlink()
    assert Engine(load_rulebook(tmp_path)).match("", f"xylophone{' yes' * 49}")
