"""Rules against an archive: every core, any packing, and what a change adds and removes."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from typer.testing import CliRunner, Result

from streams.backtest import CHUNK, Line, RuleSet, outcomes
from streams.cli.archives import lines_of
from streams.cli.main import app
from streams.engines import open_engines
from streams.errors import InputError
from streams.messages import ARTICLES, Article
from streams.settings import Secrets, load
from tests.support.alerting import NOON
from tests.unit.match.building import rule_data, write_rules


def article(id_: str, text: str, days: float = 0) -> dict[str, Any]:
    """An article line dated some days after NOON."""
    return {"id": id_, "title": f"Title {id_}", "text": text, "date": (NOON + timedelta(days=days)).isoformat()}


ARCHIVE = [
    article("a", "An apple fell.", 0),
    article("b", "An apple fell again.", 0.1),
    article("c", "A pear fell.", 1),
    article("d", "An apple and a pear.", 5),
    article("e", "Nothing.", 6),
]


def packed(lines: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One rule on trial, that fires on apples."""
    return write_rules(tmp_path / "rules", {"a-rule.yaml": rule_data("apple", status="shadow")})


def run(folder: Path, *arguments: str, archive: bytes = packed(ARCHIVE), name: str = "archive.jsonl") -> Result:
    """One call of `marsad rules backtest` on an archive, in one process."""
    path = folder.parent / name
    path.write_bytes(archive)
    options = ["--rules", str(folder), "--on", str(path), "--processes", "1", *arguments]
    return CliRunner().invoke(app, ["rules", "backtest", "a-rule", *options])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_matches_by_day_alerts_and_examples(folder: Path) -> None:
    """Three articles match on two days; two of them are reports of one happening. A rule on trial is taken for live."""
    result = run(folder)
    assert result.exit_code == 0
    assert "a-rule: 3 of 5 articles match, 2 alerts" in result.stdout
    assert [line.split()[:4] for line in result.stdout.splitlines() if line.startswith("  2026")] == [
        ["2026-03-01", "2", "1", "alert"],
        ["2026-03-06", "1", "1", "alert"],
    ]
    assert "Title a\n    > An [[apple]] fell." in result.stdout


def test_json_is_one_line_a_match_and_one_a_rule(folder: Path) -> None:
    """The contract of the machine form."""
    *matches, summary = lines(run(folder, "--json"))
    assert [line["article"] for line in matches] == ["a", "b", "d"]
    assert set(matches[0]) == {"kind", "article", "rule", "seen_at", "title"}
    assert summary == {
        "kind": "summary",
        "rule": "a-rule",
        "articles": 5,
        "matches": 3,
        "alerts": 2,
        "days": {"2026-03-01": 2, "2026-03-06": 1},
        "alert_days": {"2026-03-01": 1, "2026-03-06": 1},
    }


@pytest.mark.parametrize(
    ("name", "archive"),
    [
        ("archive.jsonl.gz", gzip.compress(packed(ARCHIVE))),
        ("archive.jsonl.zst", zstandard.compress(packed(ARCHIVE[:2])) + zstandard.compress(packed(ARCHIVE[2:]))),
        ("archive.jsonl", b"\xef\xbb\xbf" + packed(ARCHIVE).replace(b"\n", b"\r\n\r\n")),
    ],
    ids=["gzip", "zstandard in two frames", "byte order mark and empty lines"],
)
def test_any_packing_says_the_same(folder: Path, name: str, archive: bytes) -> None:
    """The lines are those of the plain file."""
    assert lines(run(folder, "--json", name=name, archive=archive)) == lines(run(folder, "--json"))


def test_against_another_folder_tells_what_is_added_and_removed(folder: Path) -> None:
    """The change from pears to apples; status 1, as something differs."""
    before = write_rules(folder.parent / "before", {"a-rule.yaml": rule_data("pear")})
    result = run(folder, "--json", "--against", str(before))
    *matches, summary = lines(result)
    assert result.exit_code == 1
    assert [(line["article"], line["change"]) for line in matches] == [
        ("a", "added"),
        ("b", "added"),
        ("c", "removed"),
        ("d", "kept"),
    ]
    assert (summary["added"], summary["removed"], summary["alerts"], summary["alerts_before"]) == (2, 1, 2, 2)


def test_against_itself_nothing_differs(folder: Path) -> None:
    """Status 0."""
    result = run(folder, "--against", str(folder))
    assert (result.exit_code, "compared: 0 added, 0 removed, 2 alerts before" in result.stdout) == (0, True)


def test_a_rule_that_was_not_there_is_wholly_added(folder: Path) -> None:
    """The other folder holds another rule alone."""
    before = write_rules(folder.parent / "before", {"b-rule.yaml": rule_data("pear", id="b-rule")})
    assert "compared: 3 added, 0 removed, 0 alerts before" in run(folder, "--against", str(before)).stdout


def test_a_rule_that_speaks_after_another_counts_that_ones_articles_without_being_asked(folder: Path) -> None:
    """It made no alert unless the rules of its `after` were named too, and then their articles stood among its own."""
    more = {"id": "a-rule", "alert": {"repeat_after": "12h", "after": {"rules": ["pears"], "within": "5d"}}}
    write_rules(folder, {"a-rule.yaml": rule_data("apple", **more), "pears.yaml": rule_data("pear", id="pears")})
    result = run(folder)
    assert "a-rule: 3 of 5 articles match, 1 alert\n" in result.stdout
    assert "pears:" not in result.stdout
    assert [line["article"] for line in lines(run(folder, "--json"))[:-1]] == ["a", "b", "d"]


def test_a_count_of_two_weeks_was_one_alert(folder: Path) -> None:
    """Each time it is told anew is one, though its group has one alert for ever; `replay` says the same."""
    counts = {"repeat_after": "12h", "at_least": {"articles": 2, "within": "1h"}}
    write_rules(folder, {"a-rule.yaml": rule_data("apple", alert=counts)})
    days = {0: "river", 0.01: "cloud", 0.02: "paper", 5: "door", 9: "salt", 9.01: "green", 13: "fire", 13.01: "sea"}
    archive = packed([article(f"a{day}", f"An apple in the {word}.", day) for day, word in days.items()])
    result = run(folder, archive=archive)
    assert "a-rule: 8 of 8 articles match, 3 alerts\n" in result.stdout
    assert "2026-03-10       2     1 alert" in result.stdout
    replayed = CliRunner().invoke(app, ["replay", str(folder.parent / "archive.jsonl"), "--rules", str(folder)])
    assert "8 articles, 3 alerts; by reason: below_threshold 4, first 1, number_grown 1, repeat 2" in replayed.stderr


def test_against_a_git_revision(folder: Path) -> None:
    """The folder as it was committed, whatever is in it now."""
    write_rules(folder, {"a-rule.yaml": rule_data("pear")})
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "pears"]):
        subprocess.run(["git", "-C", str(folder.parent), *command], check=True)
    write_rules(folder, {"a-rule.yaml": rule_data("apple")})
    assert "compared: 2 added, 1 removed, 2 alerts before" in run(folder, "--against", "HEAD").stdout
    unknown = run(folder, "--against", "no-such-revision")
    assert isinstance(unknown.exception, InputError)
    assert "'no-such-revision' is neither a folder nor a git revision here" in str(unknown.exception)


def test_a_folder_in_no_repository_has_no_revisions(folder: Path) -> None:
    """The error names the folder and what was asked for; what looks like an option of git is none."""
    for revision in ("HEAD", "--output=x"):
        result = run(folder, f"--against={revision}")
        assert isinstance(result.exception, InputError)
        assert str(result.exception).startswith(f"{folder}: '{revision}' is neither a folder nor a git revision here")


def test_a_folder_of_archives_is_read_by_name(folder: Path) -> None:
    """Packed or not, and below it; what is no archive is left."""
    archives = folder.parent / "archives"
    (archives / "2026").mkdir(parents=True)
    (archives / "2026" / "a.jsonl.gz").write_bytes(gzip.compress(packed(ARCHIVE[:2])))
    (archives / "b.ndjson").write_bytes(packed(ARCHIVE[2:]))
    (archives / "README.md").write_text("not an article", encoding="utf-8")
    options = ["--rules", str(folder), "--on", str(archives), "--processes", "1", "--json"]
    result = CliRunner().invoke(app, ["rules", "backtest", "a-rule", *options])
    assert lines(result) == lines(run(folder, "--json"))


def test_a_folder_without_archives(folder: Path) -> None:
    """The error names it."""
    empty = folder.parent / "empty"
    empty.mkdir()
    result = CliRunner().invoke(app, ["rules", "backtest", "a-rule", "--rules", str(folder), "--on", str(empty)])
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(f"{empty}: holds no file")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_bad_lines_are_told_and_the_rest_is_matched(folder: Path, processes: str) -> None:
    """File and line on standard error, status 2, every good line counted."""
    archive = b"nonsense\n" + packed(ARCHIVE) + b'{"id": 1}\n'
    result = run(folder, "--json", "--processes", processes, archive=archive)
    assert (result.exit_code, lines(result)[-1]["articles"]) == (2, 5)
    assert "archive.jsonl:1:" in result.stderr
    assert "archive.jsonl:7:" in result.stderr
    assert "2 lines not read" in result.stderr


@pytest.mark.parametrize(
    ("name", "archive", "said"),
    [
        ("archive.jsonl.gz", packed(ARCHIVE), "cannot be read"),
        ("archive.jsonl.gz", gzip.compress(packed(ARCHIVE * 200))[:-20], "cannot be read"),
        ("archive.jsonl.gz", b"\x1f\x8b\x08" + bytes(7) + b"\x07", "cannot be read"),
        ("archive.jsonl.zst", packed(ARCHIVE), "is not zstandard"),
        ("archive.jsonl.zst", zstandard.compress(packed(ARCHIVE))[:-20], "is cut short"),
    ],
    ids=["not gzip", "cut short", "not deflated", "not zstandard", "a frame cut short"],
)
def test_an_archive_that_is_not_what_it_says(folder: Path, name: str, archive: bytes, said: str) -> None:
    """An error that names the file."""
    result = run(folder, name=name, archive=archive)
    assert isinstance(result.exception, InputError)
    assert name in str(result.exception)
    assert said in str(result.exception)


def test_an_archive_whose_name_is_not_utf_8(folder: Path) -> None:
    """Its name stands in ids and errors, and could not be written."""
    named = os.fsdecode(b"caf\xe9.jsonl")
    result = run(folder, "--json", name=named, archive=b'{"text": "apple"}\nnonsense\n')
    assert lines(result)[0]["article"] == rf"{folder.parent}/caf\xe9.jsonl:1"
    assert (result.exit_code, r"/caf\xe9.jsonl:2: is not JSON" in result.stderr) == (2, True)


def test_since_leaves_out_what_is_older_in_files_too(folder: Path) -> None:
    """It was heeded for the broker's topic alone, without a word."""
    *matches, summary = lines(run(folder, "--json", "--since", "2026-03-05"))
    assert [line["article"] for line in matches] == ["d"]
    assert summary["articles"] == sum(line["date"] >= "2026-03-05" for line in ARCHIVE)


def test_a_closed_standard_input_is_no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in words, as where a service starts it without one."""
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match=r"^-: cannot be read: it is closed"):
        list(lines_of(["-"], None))


def test_what_the_broker_has_is_an_archive(folder: Path) -> None:
    """The topic of articles of an installation, from a day on."""
    config = folder.parent / "marsad.yaml"
    config.write_text("sources: []\n", encoding="utf-8")
    asyncio.run(_append(config))
    options = ["--rules", str(folder), "--config", str(config), "--on", "topic:articles", "--processes", "1", "--json"]
    whole = CliRunner().invoke(app, ["rules", "backtest", "a-rule", *options])
    assert sorted(line["article"] for line in lines(whole)[:-1]) == ["a", "b", "d"]
    recent = CliRunner().invoke(app, ["rules", "backtest", "a-rule", *options, "--since", "2026-03-05"])
    assert [line["article"] for line in lines(recent)[:-1]] == ["d"]


async def _append(config: Path) -> None:
    settings = load(config)
    async with open_engines(settings, Secrets({})) as engines:
        await engines.broker.topics.create(settings.topics.all())
        for line in ARCHIVE:
            message = Article(id=line["id"], title=line["title"], text=line["text"], source="s", seen_at=line["date"])
            await engines.broker.reader.append(settings.topics.articles.name, line["id"], ARTICLES.encode(message))


def test_two_processes_say_the_same_as_one_in_the_order_of_the_archive(folder: Path) -> None:
    """Whichever chunk is done first."""
    archive = [
        Line(json.dumps(article(f"n{number}", "An apple." if number % 7 == 0 else "A plum.")).encode(), "x", number)
        for number in range(5 * CHUNK)
    ]
    found = [
        [
            one.article.id
            for outcome in outcomes(RuleSet(folder, ("a-rule",)), archive, processes=count)
            for one in outcome.matched
        ]
        for count in (1, 2)
    ]
    assert found[0] == found[1] == [f"n{number}" for number in range(0, 5 * CHUNK, 7)]
