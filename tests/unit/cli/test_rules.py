"""`marsad rules` as a contract: what each command prints, and with which status it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from streams.cli import rules as command
from streams.cli import rules_forms
from streams.errors import InputError, RuleError
from streams.match.phrases import Kind
from streams.match.schema import FileKind
from tests.unit.match.building import concept, rule_data, write_rules

FRUIT = concept("fruit", en={"common": ["apple", "pear"]}).model_dump(mode="json", exclude_defaults=True)


def run(*arguments: str | Path) -> Result:
    """One call of `marsad rules`."""
    app = typer.Typer()
    app.add_typer(command.app, name="rules")
    return CliRunner().invoke(app, ["rules", *map(str, arguments)])


def lines(result: Result) -> list[dict[str, Any]]:
    """What was printed as JSON."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def examples(fires: str = "an apple", silent: str = "a plum") -> dict[str, Any]:
    """One example of each kind."""
    return {
        "fires": [{"lang": "en", "text": fires}],
        "silent": [{"lang": "en", "text": silent, "because": "a reason"}],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One rule and one concept, whose second phrase no example has."""
    rule = rule_data({"concept": "fruit"}, examples=examples())
    return write_rules(tmp_path / "rules", {"a-rule.yaml": rule, "concepts/fruit.yaml": FRUIT})


class TestExamples:
    """`marsad rules test`."""

    def test_examples_that_hold(self, folder: Path) -> None:
        """One line a rule, status 0."""
        result = run("test", "--rules", folder)
        assert (result.exit_code, result.stdout) == (0, "ok   a-rule: 2 of 2 hold\n")

    def test_examples_that_do_not_hold(self, folder: Path) -> None:
        """Each at its place, with what happened and its text; status 1; no colour without a terminal."""
        write_rules(folder, {"a-rule.yaml": rule_data({"concept": "fruit"}, examples=examples("plum", "apple"))})
        result = run("test", "--rules", folder)
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "FAIL a-rule: 0 of 2 hold",
            f"  {folder}/a-rule.yaml:5:5: the rule does not fire",
            "    plum",
            f"  {folder}/a-rule.yaml:8:5: the rule fires on apple, though: a reason",
            "    apple",
        ]

    def test_json_is_one_line_an_example(self, folder: Path) -> None:
        """With its place and whether it holds."""
        first, second = lines(run("test", "--json", "--rules", folder, "a-rule"))
        place = {"file": f"{folder}/a-rule.yaml", "line": 5, "column": 5}
        wanted = {"kind": "example", "rule": "a-rule", "list": "fires", "index": 0, **place, "lang": "en"}
        assert first == {**wanted, "holds": True, "failures": []}
        assert second["list"] == "silent"

    def test_coverage_lists_what_no_example_misses(self, folder: Path) -> None:
        """The phrase without an example, at its place; status 1."""
        result = run("test", "--coverage", "--json", "--rules", folder)
        place = {"file": f"{folder}/concepts/fruit.yaml", "line": 6, "column": 7}
        assert lines(result)[2] == {
            "kind": "mutant",
            "of": "concept",
            "id": "fruit",
            **place,
            "dropped": "the phrase 'pear'",
        }
        assert result.exit_code == 1
        write_rules(folder, {"a-rule.yaml": rule_data({"concept": "fruit"}, examples=examples("an apple, a pear"))})
        assert run("test", "--coverage", "--rules", folder).exit_code == 1
        both = examples()
        both["fires"].append({"lang": "en", "text": "a pear"})
        write_rules(folder, {"a-rule.yaml": rule_data({"concept": "fruit"}, examples=both)})
        assert run("test", "--coverage", "--rules", folder).exit_code == 0

    def test_coverage_tells_how_much_of_each_file_is_caught(self, folder: Path) -> None:
        """One line a rule and concept, after what was missed."""
        write_rules(folder, {"a-rule.yaml": rule_data({"all": [{"concept": "fruit"}, "an"]}, examples=examples())})
        told = lines(run("test", "--coverage", "--json", "--rules", folder))
        shares = [(one["of"], one["id"], one["dropped"], one["caught"]) for one in told if one["kind"] == "coverage"]
        assert shares == [("rule", "a-rule", 2, 0), ("concept", "fruit", 2, 1)]
        shown = run("test", "--coverage", "--rules", folder).stdout.splitlines()
        assert shown[-2:] == ["  0% of rule a-rule: 0 of 2 parts caught", " 50% of concept fruit: 1 of 2 parts caught"]

    def test_a_rule_that_is_not_there(self, folder: Path) -> None:
        """Is bad usage, with the nearest known one."""
        result = run("test", "--rules", folder, "a-rul")
        assert isinstance(result.exception, RuleError)
        assert "holds no rule 'a-rul' (did you mean 'a-rule'?)" in str(result.exception)


class TestLint:
    """`marsad rules lint`."""

    def test_json_is_one_line_a_finding(self, folder: Path) -> None:
        """With exactly the promised keys; info alone is status 0."""
        result = run("lint", "--json", "--rules", folder)
        assert lines(result) == [
            {
                "file": f"{folder}/a-rule.yaml",
                "line": 11,
                "column": 1,
                "code": "missing-why",
                "severity": "info",
                "message": "the rule does not say why it exists",
                "hint": "say in one sentence what the rule is to find",
            }
        ]
        assert result.exit_code == 0

    @pytest.mark.parametrize("match", [{"concept": "frut"}, {"all": ["x", "x"]}])
    def test_errors_and_warnings_are_status_1(self, folder: Path, match: object) -> None:
        """Both are findings, told as editors read them."""
        write_rules(folder, {"a-rule.yaml": rule_data(match)})
        result = run("lint", "--rules", folder)
        assert result.exit_code == 1
        assert any(f"{folder}/a-rule.yaml:" in line for line in result.stdout.splitlines())
        assert "\x1b" not in result.stdout

    def test_much_info_is_counted_unless_all_is_wanted(self, folder: Path) -> None:
        """An author sees what is wrong before what is worth knowing; programs see everything."""
        others = {f"r{number}.yaml": rule_data({"all": ["apple"]}, id=f"r{number}") for number in range(20)}
        write_rules(folder, others)
        listed = run("lint", "--all", "--rules", folder).stdout.splitlines()
        assert len(listed) == 21
        assert run("lint", "--rules", folder).stdout == f"{folder}: info 21 missing-why (--all lists them)\n"
        assert len(lines(run("lint", "--json", "--rules", folder))) == 21

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        """Is bad usage."""
        assert isinstance(run("lint", "--rules", tmp_path / "none").exception, InputError)


class TestExplain:
    """`marsad rules explain`."""

    @pytest.fixture
    def story(self, tmp_path: Path) -> Path:
        """A text in which the rule's words stand in two sentences."""
        path = tmp_path / "story.txt"
        path.write_text("It was big. An apple fell.")
        return path

    def test_the_tree_and_the_nearest_miss(self, folder: Path, story: Path) -> None:
        """Each part with its words in the sentence that comes nearest; status 0 though the rule does not fire."""
        write_rules(folder, {"a-rule.yaml": rule_data({"sentence": ["big", {"concept": "fruit"}]})})
        result = run("explain", "--rules", folder, "a-rule", story)
        assert (result.exit_code, result.stdout.splitlines()) == (
            0,
            [
                f"a-rule does not fire on {story}",
                "  ✗ sentence (sentence 1)",
                "    ✓ 'big': big",
                "    ✗ fruit",
                "nearest miss: sentence 1 has 'big', but no fruit",
                f'  {folder}/a-rule.yaml:17:5: fruit, "fruit" ({folder}/concepts/fruit.yaml)',
            ],
        )

    def test_what_was_missed_was_a_name_that_the_author_never_saw(self, folder: Path, story: Path) -> None:
        """Of a concept that others wrote: each name is told with its place in the rule, and what its file calls it."""
        others = {"barred.yaml": {"id": "barred", "title": "Big things", "phrases": {"en": {"common": ["big"]}}}}
        write_rules(folder / "concepts", others)
        condition = {"any": [{"all": ["fell", {"none": [{"concept": "barred"}]}]}, "pear"]}
        write_rules(folder, {"a-rule.yaml": rule_data(condition)})
        (line,) = lines(run("explain", "--json", "--rules", folder, "a-rule", story))
        assert line["nearest_miss"] == "the article has 'fell', but also barred (big), which must not be there"
        concept = {"id": "barred", "title": "Big things", "file": f"{folder}/concepts/barred.yaml"}
        place = {"name": "barred", "file": f"{folder}/a-rule.yaml", "line": 19, "column": 9, "concepts": [concept]}
        assert line["nearest_parts"] == [place]

    def test_what_two_places_lack_was_told_of_one(self, folder: Path, story: Path) -> None:
        """A concept that is asked of a sentence and of the title, and missing in both, stands in two lines."""
        condition = {"all": [{"sentence": {"all": ["fell", {"concept": "plum"}]}}, {"title": {"concept": "plum"}}]}
        write_rules(folder, {"a-rule.yaml": rule_data(condition)})
        plum = {"id": "plum", "title": "Plums", "phrases": {"en": {"common": ["plum"]}}}
        write_rules(folder / "concepts", {"plum.yaml": plum})
        (line,) = lines(run("explain", "--json", "--rules", folder, "a-rule", story))
        told = [(part["name"], part["line"]) for part in line["nearest_parts"]]
        assert told == [("plum", 19), ("plum", 20)]

    def test_readers_see_no_control_characters(self, folder: Path, tmp_path: Path) -> None:
        """A word of the text could hold what rewrites the screen."""
        path = tmp_path / "story.txt"
        path.write_text("An ap\u202eple, an apple\u009b2J, apple.")
        told = run("explain", "--rules", folder, "a-rule", path).stdout
        assert "apple" in told
        assert not set("\u202e\u009b") & set(told)

    def test_json_is_one_line_an_article(self, folder: Path, story: Path) -> None:
        """With the whole tree."""
        write_rules(folder, {"a-rule.yaml": rule_data({"concept": "fruit"}, status="off")})
        condition = {"text": "fruit", "met": True, "words": ["apple"], "where": "", "parts": []}
        (line,) = lines(run("explain", "--json", "--rules", folder, "a-rule", story))
        assert line == {
            "id": str(story),
            "rule": "a-rule",
            "fires": True,
            "nearest_miss": "",
            "nearest_sentence": "",
            "nearest_parts": [],
            "condition": condition,
        }

    def test_what_cannot_be_read_is_status_2(self, folder: Path, tmp_path: Path) -> None:
        """A file that is not there, on standard error; an unknown rule."""
        result = run("explain", "--rules", folder, "a-rule", tmp_path / "none.txt")
        assert (result.exit_code, "none.txt" in result.stderr) == (2, True)
        assert isinstance(run("explain", "--rules", folder, "x", tmp_path / "none.txt").exception, RuleError)


class TestEvaluation:
    """`marsad rules eval`."""

    def test_filters_know_what_the_configuration_says_of_a_source(self, tmp_path: Path) -> None:
        """Here and in `explain`, as in workers."""
        config, folder, path = tmp_path / "marsad.yaml", tmp_path / "filtered", tmp_path / "labels.jsonl"
        config.write_text("sources: [{name: S, feed: https://s.example/, country: LB}]\n")
        write_rules(folder, {"a-rule.yaml": rule_data("apple", filters={"countries": ["SY"]})})
        path.write_text('{"id": "1", "text": "apple", "source": "S", "labels": {"a-rule": "no"}}\n')
        told = lines(run("eval", "--json", "--rules", folder, "--config", config, path))
        assert (told[0]["rest"], told[0]["false_alarms"]) == (1, 0)
        assert "filter countries" in run("explain", "--rules", folder, "--config", config, "a-rule", path).stdout

    def test_json_has_scores_slots_and_errors(self, folder: Path, tmp_path: Path) -> None:
        """One line each; status 0 though there are errors."""
        write_rules(folder, {"a-rule.yaml": rule_data({"concept": "fruit"}, slots={"what": {"concept": "fruit"}})})
        path = tmp_path / "labels.jsonl"
        slots = {"a-rule": {"what": ["plum"]}}
        articles: list[dict[str, Any]] = [
            {"id": "1", "text": "apple", "labels": {"a-rule": "yes", "other": "no"}, "slots": slots},
            {"id": "2", "text": "pear", "labels": {"a-rule": "no"}},
        ]
        path.write_text("\n".join(map(json.dumps, articles)))
        result = run("eval", "--json", "--rules", folder, path)
        assert result.exit_code == 0
        numbers = {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "hits": 1, "false_alarms": 1, "misses": 0, "rest": 0}
        assert lines(result)[0] == {"kind": "score", "rule": "a-rule", "by": "all", "of": "all", **numbers}
        assert [line["kind"] for line in lines(result)] == ["score", "score", "score", "slot", "error", "slot-error"]
        assert lines(result)[-2:] == [
            {"kind": "error", "rule": "a-rule", "id": "2", "label": "no", "because": "fruit: pear"},
            {
                "kind": "slot-error",
                "rule": "a-rule",
                "id": "1",
                "slot": "what",
                "filled": ["apple"],
                "labelled": ["plum"],
            },
        ]
        assert "labels of 'other' are left out" in result.stderr

    def test_readers_see_the_same(self, folder: Path, tmp_path: Path) -> None:
        """Scores first, then each error with its deciding words."""
        path = tmp_path / "labels.jsonl"
        path.write_text('{"id": "2", "text": "pear", "labels": {"a-rule": "no"}}')
        told = run("eval", "--rules", folder, path).stdout
        assert told.startswith("a-rule: precision 0.00  recall   -   F1 0.00  (0 hits, 1 false alarm, 0 misses, ")
        assert told.endswith("false alarm by a-rule: 2 pear\n  fruit: pear\n")

    def test_sources_with_nothing_to_tell_are_summed(self, folder: Path, tmp_path: Path) -> None:
        """Readers see those where something was found, missed or wrong; --json tells all."""
        path = tmp_path / "labels.jsonl"
        told = [("a", "apple", "yes"), ("b", "fig", "no"), ("c", "fig", "no"), ("c", "plum", "no")]
        articles = [{"text": text, "source": source, "labels": {"a-rule": label}} for source, text, label in told]
        path.write_text("\n".join(json.dumps({"id": str(n), **one}) for n, one in enumerate(articles)))
        shown = [line for line in run("eval", "--rules", folder, path).stdout.splitlines() if "source" in line]
        assert [line.partition(":")[0] for line in shown] == [
            "  source a",
            "  2 sources more, rightly silent on 3 articles",
        ]
        every = lines(run("eval", "--json", "--rules", folder, path))
        assert [one["of"] for one in every if one.get("by") == "source"] == ["a", "b", "c"]

    def test_bad_lines_are_status_2(self, folder: Path, tmp_path: Path) -> None:
        """Told with file and line; the others are measured."""
        path = tmp_path / "labels.jsonl"
        path.write_text('{"text": "pear"}\n{"id": "2", "text": "pear", "labels": {"a-rule": "no"}}')
        result = run("eval", "--json", "--rules", folder, path)
        assert (result.exit_code, lines(result)[0]["false_alarms"]) == (2, 1)
        assert f"{path}:1: labels is not an object" in result.stderr
        assert isinstance(run("eval", "--rules", folder, tmp_path / "none").exception, InputError)


class TestForms:
    """`marsad rules forms`."""

    def test_json_is_one_line_a_kind(self, folder: Path) -> None:
        """What is covered, and what looks alike in the rules."""
        result = run("forms", "--json", "--rules", folder, "pea")
        assert [(line["kind"], line["forms"]) for line in lines(result)] == [
            ("name", ["pea"]),
            ("common", ["pea", "peas"]),
            ("exact", ["pea"]),
        ]
        assert all("pear" in [one["word"] for one in line["not_covered"]] for line in lines(result))

    def test_a_kind_and_a_language_can_be_given(self, folder: Path) -> None:
        """Then only that is shown."""
        told = run("forms", "--rules", folder, "--kind", "verb", "--lang", "en", "urge").stdout
        assert told.splitlines() == [
            "verb (en), 4 forms: an English verb: its persons, past, participle and -ing",
            "  present:  urge",
            "  he, she, it:  urges",
            "  -ing:  urging",
            "  past:  urged",
            "  not covered: nothing known looks alike",
        ]

    def test_what_is_written_on_to_words_is_told_apart_from_them(self, folder: Path) -> None:
        """A few lines in place of 264 forms, which --all and --json still tell."""
        told = run("forms", "--rules", folder, "--kind", "common", "انسحاب").stdout.splitlines()
        assert told[1] == "  انسحاب"
        assert told[2].startswith("    before it:  nothing  ب  ف  ك  ل  و  ال  فب")
        assert told[3] == "    after it:  nothing  ا  ك  ه  ي  كم  نا  ها  هم  هن  هما"
        (line,) = lines(run("forms", "--json", "--rules", folder, "--kind", "common", "انسحاب"))
        every = run("forms", "--all", "--rules", folder, "--kind", "common", "انسحاب").stdout
        assert len(line["forms"]) == 264
        assert all(form in every for form in line["forms"])

    def test_what_cannot_be_looked_for(self, folder: Path) -> None:
        """Says why; an unknown kind is bad usage too."""
        result = run("forms", "--rules", folder, "--kind", "verb", "دعا")
        assert isinstance(result.exception, InputError)
        assert "past/present" in str(result.exception)
        assert run("forms", "--kind", "noun", "x").exit_code == 2
        for language in ("EN", "english", ""):  # each was taken for another language, of which only this form is known
            result = run("forms", "--rules", folder, "--lang", language, "withdraw")
            assert str(result.exception) == f"--lang: {language!r} is no code of a language: write ar, en, ..."

    def test_the_kinds_are_those_of_phrases(self) -> None:
        """The command line says their names over again."""
        assert [kind.value for kind in rules_forms.KindName] == [kind.value for kind in Kind]


class TestSchema:
    """`marsad rules schema`."""

    def test_it_is_printed(self) -> None:
        """That of rules, unless another is asked for."""
        assert json.loads(run("schema").stdout)["title"] == "Marsad rule"
        assert json.loads(run("schema", "concept").stdout)["title"] == "Marsad concept"
        assert lines(run("schema", "--json")) == [json.loads(run("schema").stdout)]
        assert run("schema", "article").exit_code == 2

    def test_all_are_written_where_editors_look(self, folder: Path) -> None:
        """Beside the rules."""
        assert run("schema", "--write", "--rules", folder).exit_code == 0
        assert sorted(path.name for path in (folder / "schema").iterdir()) == [
            "concept.schema.json",
            "exclusion.schema.json",
            "gazetteer.schema.json",
            "rule.schema.json",
        ]

    def test_the_kinds_are_those_of_files(self) -> None:
        """The command line says their names over again."""
        assert [kind.value for kind in command.FileKindName] == [kind.value for kind in FileKind]


class TestNew:
    """`marsad rules new`."""

    @pytest.mark.parametrize("languages", [["en"], ["ar"], ["ar", "en"]])
    def test_it_lints_and_its_examples_hold_and_need_each_part(self, tmp_path: Path, languages: list[str]) -> None:
        """In any folder, for both languages."""
        given = [argument for language in languages for argument in ("--lang", language)]
        result = run("new", "my-rule", "--rules", tmp_path / "rules", *given)
        assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/rules/my-rule.yaml\n")
        linted = run("lint", "--rules", tmp_path / "rules")
        assert (linted.exit_code, linted.stdout) == (0, "")
        assert run("test", "--coverage", "--rules", tmp_path / "rules").exit_code == 0

    @pytest.mark.parametrize("name", ["112", "true", "null"])
    def test_an_id_that_yaml_takes_for_something_else_did_not_lint(self, tmp_path: Path, name: str) -> None:
        """It is quoted."""
        run("new", name, "--rules", tmp_path)
        assert run("lint", "--rules", tmp_path).exit_code == 0

    def test_the_editor_finds_the_schema(self, tmp_path: Path) -> None:
        """Beside the rule, where its first line says."""
        assert lines(run("new", "--json", "my-rule", "--rules", tmp_path)) == [
            {"id": "my-rule", "file": f"{tmp_path}/my-rule.yaml"}
        ]
        first = (tmp_path / "my-rule.yaml").read_text().splitlines()[0]
        assert (tmp_path / first.partition("$schema=")[2]).exists()

    def test_nothing_is_written_over(self, folder: Path) -> None:
        """Nor outside the folder, nor under a name that is no id."""
        before = (folder / "a-rule.yaml").read_text()
        assert isinstance(run("new", "a-rule", "--rules", folder).exception, InputError)
        assert (folder / "a-rule.yaml").read_text() == before
        for name in ("../a", "A Rule", "a\u202eb"):
            assert isinstance(run("new", name, "--rules", folder).exception, InputError)
        assert isinstance(run("new", "b", "--lang", "fr", "--rules", folder).exception, InputError)
        assert not (folder / "b.yaml").exists()
