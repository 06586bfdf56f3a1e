"""`marsad match` as a contract: what goes in, what comes out, and the exit status."""

from __future__ import annotations

import gzip
import json
import os
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from streams.article_lines import ArticleLine, Format
from streams.cli.match import articles_in, match
from streams.messages import TEXT_LIMIT
from tests.unit.match.building import ARTICLE, concept, rule_data, write_rules


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Two rules: one live, one on trial."""
    fruit = concept("fruit", en={"common": ["apple"]}).model_dump(mode="json", exclude_defaults=True)
    files = {
        "a-rule.yaml": rule_data({"concept": "fruit"}, slots={"what": {"concept": "fruit"}, "where": "garden"}),
        "trial.yaml": rule_data("apple", id="trial", status="shadow"),
        "concepts/fruit.yaml": fruit,
    }
    return write_rules(tmp_path / "rules", files)


def _match(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    app = typer.Typer()
    app.command()(match)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def _lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_text_file_is_one_document_under_its_name(tmp_path: Path, rules: Path) -> None:
    """Empty title, the file as given as id, and its content unchanged, so that offsets are those of the file."""
    path = tmp_path / "story.txt"
    path.write_bytes("\r\n\u200f Apples 🍎 apple".encode())
    result = _match("--json", "--rules", rules, path)
    assert result.exit_code == 0
    assert _lines(result) == [
        {
            "id": str(path),
            "rules": ["a-rule"],
            "matches": [
                {
                    "rule": "a-rule",
                    "evidence": [
                        {"field": "text", "start": 4, "end": 10, "text": "Apples"},
                        {"field": "text", "start": 13, "end": 18, "text": "apple"},
                    ],
                    "slots": {"what": ["Apples", "apple"], "where": []},
                    "entities": {},
                },
                {
                    "rule": "trial",
                    "evidence": [{"field": "text", "start": 13, "end": 18, "text": "apple"}],
                    "slots": {},
                    "entities": {},
                    "shadow": True,
                },
            ],
        }
    ]


def test_bad_lines_are_told_and_the_rest_is_done(tmp_path: Path, rules: Path) -> None:
    """File and line on standard error, no output line, status 2."""
    path = tmp_path / "lines.jsonl"
    path.write_text('{"id": "1", "text": "apple"}\nnonsense\n\n{"title": "pear"}\n{"text": "x", "date": "soon"}\n')
    result = _match("--json", "--rules", rules, path)
    assert result.exit_code == 2
    assert [(line["id"], line["rules"]) for line in _lines(result)] == [("1", ["a-rule"]), (f"{path}:4", [])]
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [f"{path}:2", f"{path}:5"]


def test_standard_input_is_jsonl_when_it_begins_with_a_brace(rules: Path) -> None:
    """And text otherwise; without files it is what is read."""
    assert [line["id"] for line in _lines(_match("--json", "--rules", rules, stdin=b'{"text": "x"}'))] == ["-:1"]
    assert [line["id"] for line in _lines(_match("--json", "--rules", rules, "-", stdin=b"apple {"))] == ["-"]


def test_lines_are_read_as_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe may never end, and an archive be larger than the memory: nothing was told before all had been read."""
    waiting = BytesIO(b'\n {"text": "a"}\n' + b'{"text": "b"}\n' * 1000)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=waiting))
    articles = articles_in("-", None)
    assert next(articles) == (ArticleLine(id="-:2", text="a"), Format.JSONL)
    assert waiting.tell() < 100
    assert len(list(articles)) == 1000


def test_of_a_text_as_much_is_looked_at_as_workers_do(rules: Path) -> None:
    """One of 20 million letters took a minute and 6 GB, and could fire where no worker would."""
    text = json.dumps({"id": "long", "text": "pear " * (TEXT_LIMIT // 5) + "apple"}).encode()
    result = _match("--json", "--rules", rules, stdin=text)
    assert (result.exit_code, _lines(result)) == (0, [{"id": "long", "rules": [], "matches": []}])
    assert result.stderr == "long: what is beyond letter 200,000 is not looked at, as in workers\n"


def test_a_format_overrides_the_suffix(tmp_path: Path, rules: Path) -> None:
    """A file is read as what the user says it is."""
    path = tmp_path / "lines.txt"
    path.write_text('{"id": "7", "text": "apple"}')
    assert [line["id"] for line in _lines(_match("--json", "--format", "jsonl", "--rules", rules, path))] == ["7"]


def test_html_carries_the_title_and_text_that_the_offsets_are_in(tmp_path: Path, rules: Path) -> None:
    """As they were extracted."""
    path = tmp_path / "page.html"
    story = "The old garden has an apple tree that was planted by the town a hundred years ago. " * 4
    path.write_text(
        f"<html><head><title>News of fruit</title></head><body><article><p>{story}</p></article></body></html>"
    )
    (line,) = _lines(_match("--json", "--rules", rules, path))
    evidence = line["matches"][0]["evidence"][0]
    assert line["title"] == "News of fruit"
    assert line["text"][evidence["start"] : evidence["end"]] == evidence["text"] == "apple"


def test_a_page_without_an_article_and_a_missing_file_are_errors(tmp_path: Path, rules: Path) -> None:
    """Named once each; the other file is still matched."""
    page, text = tmp_path / "empty.html", tmp_path / "story.txt"
    page.write_text("<html></html>")
    text.write_text("apple")
    result = _match("--json", "--rules", rules, page, tmp_path / "none.txt", text)
    assert result.exit_code == 2
    assert [line["id"] for line in _lines(result)] == [str(text)]
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [str(page), str(tmp_path / "none.txt")]


def test_readers_see_the_words_and_why(rules: Path) -> None:
    """Without a terminal the evidence is in brackets, not in colour."""
    result = _match("--rules", rules, stdin=b"The apple fell.")
    assert result.exit_code == 0
    assert "> The [[apple]] fell." in result.stdout
    assert "because of fruit: apple" in result.stdout
    assert "on trial" in result.stdout
    assert "\x1b" not in result.stdout
    assert "no rule fires" in _match("--rules", rules, stdin=b"pear").stdout


def test_the_real_article_by_the_shipped_rules() -> None:
    """Both rules fire, and the three slots are there for both."""
    (line,) = _lines(_match("--json", "--rules", "rules", ARTICLE))
    text = ARTICLE.read_text(encoding="utf-8")
    assert line["rules"] == ["escalation-idlib", "troop-withdrawal-demand"]
    for one in line["matches"]:
        assert set(one["slots"]) == {"who", "whose", "where"}
        assert all(text[e["start"] : e["end"]] == e["text"] for e in one["evidence"])
        assert all(value in text for values in one["slots"].values() for value in values)


@pytest.mark.parametrize(("name", "content"), [(b"caf\xe9.txt", b"apple"), (b"caf\xe9.jsonl", b'{"text": "apple"}')])
def test_a_name_of_a_file_that_is_not_utf_8_could_not_be_written(
    tmp_path: Path, rules: Path, name: bytes, content: bytes
) -> None:
    """It is an id, in which the byte is named."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/" + name)
    Path(path).write_bytes(content)
    result = _match("--json", "--rules", rules, path)
    assert [line["id"].partition(r"/caf\xe9.")[2] for line in _lines(result)] in (["txt"], ["jsonl:1"])
    assert result.exit_code == 0


def test_packed_lines_were_a_text_on_which_no_rule_fires(tmp_path: Path, rules: Path) -> None:
    """What holds no text is an error, and the next file is matched."""
    packed, story = tmp_path / "a.jsonl.gz", tmp_path / "story.txt"
    packed.write_bytes(gzip.compress(b'{"text": "apple"}\n' * 9))
    story.write_text("apple")
    result = _match("--json", "--rules", rules, packed, story)
    assert [line["id"] for line in _lines(result)] == [str(story)]
    assert (result.exit_code, result.stderr) == (
        2,
        f"{packed}: cannot be read: it holds no text; unpack what is packed\n",
    )


def test_filters_did_not_know_what_the_configuration_says_of_a_source(tmp_path: Path) -> None:
    """The rule fired here, and on no article of that source in workers."""
    config, folder = tmp_path / "marsad.yaml", tmp_path / "rules"
    config.write_text("sources: [{name: S, feed: https://s.example/, country: LB}]\n")
    write_rules(folder, {"a-rule.yaml": rule_data("apple", filters={"countries": ["SY"]})})
    lines = (
        b'{"id": "1", "text": "apple", "source": "S"}\n{"id": "2", "text": "apple", "source": "S", "country": "SY"}\n'
    )
    result = _match("--json", "--rules", folder, "--config", config, "-", stdin=lines)
    assert [(line["id"], line["rules"]) for line in _lines(result)] == [("1", []), ("2", ["a-rule"])]
