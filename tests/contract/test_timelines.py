"""The timelines of rules: played through match, stories and decision, and held against what they expect."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from streams.cli import rules as command
from streams.match.reload import Outcome, attempt, stamp_of
from streams.timelines import played
from tests.unit.match.building import rule_data, write_rules

TEXTS = (
    "Troops shelled the old town on Monday morning, residents told the radio.",
    "Two villages were shelled from the hills, a doctor at the clinic said today.",
    "The harbour was shelled for an hour; nobody was hurt, the mayor wrote.",
)


def timeline(times: list[str], alerts: list[dict[str, str]], *, texts: tuple[str, ...] = TEXTS) -> dict[str, Any]:
    """Articles with these texts at these times, and the alerts expected."""
    articles = [{"at": at, "lang": "en", "text": text} for at, text in zip(times, texts, strict=True)]
    return {"title": "shelling", "articles": articles, "alerts": alerts}


def lines_of(folder: Path, *timelines: dict[str, Any], **alert: Any) -> tuple[Result, list[str]]:
    """What `rules test` says of a rule with these timelines."""
    texts = {
        "fires": [{"lang": "en", "text": "It was shelled."}],
        "silent": [{"lang": "en", "text": "It was shut.", "because": "no shells"}],
    }
    changes = {"alert": {"repeat_after": "12h", **alert}, "status": "shadow"}
    rule = rule_data({"phrase": "shelled"}, examples={**texts, "timelines": list(timelines)}, **changes)
    write_rules(folder, {"a-rule.yaml": rule})
    app = typer.Typer()
    app.add_typer(command.app, name="rules")
    result = CliRunner().invoke(app, ["rules", "test", "--rules", str(folder)])
    return result, result.stdout.splitlines()[1:]


THREE = {"at_least": {"origins": 3, "within": "1h"}}


def test_a_timeline_holds_when_alerts_are_told_at_their_times(tmp_path: Path) -> None:
    """A rule on trial is played as if it told people."""
    held = timeline(["0m", "+10m", "+30m"], [{"at": "+30m", "reason": "first"}])
    result, lines = lines_of(tmp_path, held, **THREE)
    assert (result.exit_code, lines) == (0, ["ok   a-rule, timeline: shelling"])


def test_a_copy_is_no_origin_of_its_own(tmp_path: Path) -> None:
    """Three articles of two texts are not three origins, and nothing is told."""
    held = timeline(["0m", "10m", "30m"], [], texts=(TEXTS[0], TEXTS[1], TEXTS[1]))
    assert lines_of(tmp_path, held, **THREE)[0].exit_code == 0


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        ([{"at": "10m"}], ["at +10m an alert is expected, and none is told", "at +30m it is told (first), and no"]),
        ([{"at": "30m", "reason": "repeat"}], ["at +30m it is told as first, not repeat"]),
        ([], ["at +30m it is told (first), and no alert is expected"]),
    ],
)
def test_what_is_not_as_expected_is_told_at_its_place(
    tmp_path: Path, alerts: list[dict[str, str]], said: list[str]
) -> None:
    """Each alert that is missing, is told for another reason, or is not expected; status 1."""
    result, lines = lines_of(tmp_path, timeline(["0m", "10m", "30m"], alerts), **THREE)
    assert (result.exit_code, lines[0]) == (1, "FAIL a-rule, timeline: shelling")
    assert [line.split(": ", 1)[1][: len(part)] for line, part in zip(lines[1:], said, strict=True)] == said


def test_a_rule_that_tells_each_happening_has_timelines_too(tmp_path: Path) -> None:
    """What is new of it, and when it repeats."""
    same = (TEXTS[0], TEXTS[0], TEXTS[0])
    held = timeline(
        ["0m", "10m", "13h"], [{"at": "0m", "reason": "first"}, {"at": "13h", "reason": "repeat"}], texts=same
    )
    assert lines_of(tmp_path, held)[0].exit_code == 0


def test_an_alert_between_two_articles_is_expected_in_vain(tmp_path: Path) -> None:
    """Nothing is told there, unless a rule watches for absence."""
    result, lines = lines_of(tmp_path, timeline(["0m", "10m", "30m"], [{"at": "20m"}]), **THREE)
    assert result.exit_code == 1
    assert "at +20m an alert is expected, and none is told" in lines[1]


def test_an_absence_is_told_at_its_time(tmp_path: Path) -> None:
    """A report every day at noon for three weeks, and then none: told a day after the last one."""
    days = range(22)
    texts = [f"Shelled again on day {day}, the mayor of the town wrote in the evening." for day in (*days, 25)]
    times = [f"{day}d" for day in (*days, 25)]
    missed = timeline(times, [{"at": "22d 1h", "reason": "first"}], texts=tuple(texts))
    result, lines = lines_of(tmp_path, missed, absence={"within": "1d", "usual": 1, "history": "14d"})
    assert (result.exit_code, lines) == (0, ["ok   a-rule, timeline: shelling"])


def test_an_absence_after_the_last_article_was_expected_in_vain(tmp_path: Path) -> None:
    """It was told by the next article, and there was none."""
    texts = [f"Shelled again on day {day}, the mayor of the town wrote in the evening." for day in range(22)]
    missed = timeline([f"{day}d" for day in range(22)], [{"at": "22d 1h"}], texts=tuple(texts))
    result, lines = lines_of(tmp_path, missed, absence={"within": "1d", "usual": 1, "history": "14d"})
    assert (result.exit_code, lines) == (0, ["ok   a-rule, timeline: shelling"])


DAILY = {"absence": {"within": "1d", "usual": 1, "history": "14d"}}
LIKE = "The mayor of the town wrote in the evening of day"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, 0),
        ({"until": "22d"}, 0),
        ({"until": "23d"}, 1),
        ({"articles": [{"at": "23d", "lang": "en", "text": f"{LIKE} 23."}]}, 1),
    ],
)
def test_a_timeline_that_expects_nothing_saw_no_absence(tmp_path: Path, more: dict[str, Any], code: int) -> None:
    """It was told after the last article that counts, and nobody looked; now up to the last of all, or `until`."""
    texts = tuple(f"Shelled again. {LIKE} {day}." for day in range(22))
    daily = timeline([f"{day}d" for day in range(22)], [], texts=texts)
    daily = {**daily, **more, "articles": daily["articles"] + more.get("articles", [])}
    result, lines = lines_of(tmp_path, daily, **DAILY)
    assert result.exit_code == code, lines
    assert [line.split(": ", 1)[1] for line in lines[1:]] == [
        "at +22d 1h it is told (first), and no alert is expected"
    ] * code


def test_a_timeline_that_ends_before_its_last_article_is_an_error(tmp_path: Path) -> None:
    """At its place."""
    early = {**timeline(["0m", "10m", "30m"], []), "until": "20m"}
    result, _ = lines_of(tmp_path, early, **THREE)
    assert "a-rule.yaml:15:5: examples.timelines.0: `until` is before its last article or alert" in str(
        result.exception
    )


@pytest.mark.parametrize(("order", "alerts"), [((0, 1), [{"at": "1h"}]), ((1, 0), [])])
def test_the_timeline_of_a_sequence_was_played_without_the_rules_that_it_comes_after(
    tmp_path: Path, order: tuple[int, int], alerts: list[dict[str, str]]
) -> None:
    """So that none ever held. Those rules tell nobody in it."""
    texts = ("The bridge was shelled at noon.", "A truce was agreed upon in the evening.")
    said = timeline(["0m", "1h"], alerts, texts=tuple(texts[number] for number in order))
    after = {"repeat_after": "12h", "after": {"rules": ["strike"], "within": "2d"}}
    examples = {
        "fires": [{"lang": "en", "text": texts[1]}],
        "silent": [{"lang": "en", "text": texts[0], "because": "no truce"}],
        "timelines": [said],
    }
    truce = rule_data("truce", id="truce", alert=after, examples=examples)
    strike_texts = {
        "fires": [{"lang": "en", "text": texts[0]}],
        "silent": [{"lang": "en", "text": texts[1], "because": "no shells"}],
    }
    strike = rule_data("shelled", id="strike", examples=strike_texts)
    write_rules(tmp_path, {"truce.yaml": truce, "strike.yaml": strike})
    app = typer.Typer()
    app.add_typer(command.app, name="rules")
    result = CliRunner().invoke(app, ["rules", "test", "truce", "--rules", str(tmp_path)])
    assert (result.exit_code, "ok   truce, timeline: shelling" in result.stdout) == (0, True), result.stdout


def test_a_reload_took_rules_whose_timelines_do_not_hold(tmp_path: Path) -> None:
    """Only `marsad rules test` played them; now it is refused, with the place."""
    lines_of(tmp_path, timeline(["0m", "10m", "30m"], []), **THREE)
    done = attempt(tmp_path, "r1:x", stamp_of(tmp_path), played)
    expected = "a-rule.yaml:15:5: a-rule: at +30m it is told (first), and no alert is expected"
    assert (done.outcome, [one.removeprefix(f"{tmp_path}/") for one in done.problems]) == (Outcome.REFUSED, [expected])


def test_a_worker_with_nothing_to_play_on_refused_rules_with_timelines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Redis is elsewhere: what can be tried is, and the rest is left to `marsad rules test`."""
    lines_of(tmp_path, timeline(["0m", "10m", "30m"], []), **THREE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert attempt(tmp_path, "r1:x", stamp_of(tmp_path), played).outcome is Outcome.TAKEN_UP
