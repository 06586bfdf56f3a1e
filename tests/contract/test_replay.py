"""A replay decides as the live path does, with the clock of the articles, and says so line by line."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner, Result

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import Reason
from streams.article_lines import ArticleLine
from streams.cli.main import app
from streams.ingest.revisions import print_of, revised
from streams.match.match_agent import match_articles
from streams.messages import Article
from streams.replay import in_order, replay
from streams.routes import tree_of
from streams.stores.alerts import AlertStore
from streams.stores.seen import Printed
from tests.support.alerting import NOON
from tests.unit.match.building import concept, engine_of, rule_data, write_rules

SHELLING = concept("shelling", en={"verb": ["shell"], "common": ["air strike"]})
BODY = (
    "Rescue workers said that the market was full when the first rounds landed shortly before noon on a working day. "
    "Witnesses described two waves within ten minutes, the second of which hit those who had come to help the wounded."
)


def line(id_: str, text: str, minutes: float | None = 0, **more: Any) -> dict[str, Any]:
    """An article line seen some minutes after NOON."""
    when = {} if minutes is None else {"date": (NOON + timedelta(minutes=minutes)).isoformat()}
    return {"id": id_, "title": "", "text": text, **when, **more}


ARCHIVE = [
    line("c", f"Jets shelled the town again. {BODY}", 60),
    line("a", f"Jets shelled the town. {BODY}", 0),
    line("b", f"An agency reports: Jets shelled the town. {BODY}", 30),
    line("quiet", "A school opened."),
    line("old", "Guns shelled the harbour at dawn and sank a boat of fishermen, the coast guard said.", -90 * 1440),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One rule, live."""
    shelling = SHELLING.model_dump(mode="json", exclude_defaults=True)
    return write_rules(
        tmp_path / "rules", {"a-rule.yaml": rule_data({"concept": "shelling"}), "concepts/shelling.yaml": shelling}
    )


def run(folder: Path, archive: list[dict[str, Any]], *arguments: str) -> Result:
    path = folder.parent / "archive.jsonl"
    path.write_text("".join(f"{json.dumps(item, default=str)}\n" for item in archive), encoding="utf-8")
    return CliRunner().invoke(app, ["replay", str(path), "--rules", str(folder), *arguments])


def test_an_absence_was_told_like_the_last_article_before_it(folder: Path) -> None:
    """Its line says when it is told, a day without any after weeks with one each day; lines without a time say none."""
    absence = {"repeat_after": "1d", "absence": {"within": "1d", "usual": 1}}
    write_rules(folder, {"a-rule.yaml": rule_data("bulletin", alert=absence)})
    days = (*range(15), 17)
    archive = [{"id": f"a{n}", "text": f"Bulletin {n}.", "date": NOON + timedelta(days=n)} for n in days]
    told = [json.loads(text) for text in run(folder, archive, "--json").stdout.splitlines()]
    assert [(item["article"], item["at"]) for item in told if item["reason"] == "first"] == [
        ("a14", "2026-03-16T13:00:00+00:00")
    ]
    (line,) = run(folder, [{"id": "a", "text": "Bulletin."}], "--json").stdout.splitlines()
    assert json.loads(line)["at"] is None


def test_one_line_for_each_article_that_matched(folder: Path) -> None:
    """By the articles' own clock; copies are held back, and an article of last quarter is as good as any."""
    result = run(folder, ARCHIVE, "--json")
    found = [json.loads(text) for text in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(item["article"], item["reason"]) for item in found] == [
        ("old", "first"),
        ("a", "first"),
        ("b", "duplicate"),
        ("c", "duplicate"),
    ]
    assert set(found[0]) == {"article", "rule", "story", "alert", "reason", "at"}
    assert len({item["story"] for item in found}) == len({item["alert"] for item in found}) == 2
    assert "5 articles, 2 alerts; by reason: duplicate 2, first 2" in result.stderr
    assert "2026-03-01  1 told" in result.stderr


def test_all_tells_the_story_of_what_matches_nothing_too(folder: Path) -> None:
    """One line more, with article and story alone."""
    found = [json.loads(text) for text in run(folder, ARCHIVE, "--all", "--json").stdout.splitlines()]
    (quiet,) = (item for item in found if item["article"] == "quiet")
    assert set(quiet) == {"article", "story"}
    assert len(found) == len(ARCHIVE)


def test_a_bad_line_is_told_and_the_rest_replayed(folder: Path) -> None:
    """File and line on standard error, status 2."""
    path = folder.parent / "archive.jsonl"
    path.write_text(f"{json.dumps(ARCHIVE[1])}\nnonsense\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["replay", str(path), "--rules", str(folder), "--json"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (2, 1)
    assert "archive.jsonl:2:" in result.stderr


def test_readers_are_shown_time_reason_rule_and_article(folder: Path) -> None:
    """Without --json a line of words each."""
    assert "2026-03-01 12:00  first           a-rule  a" in run(folder, ARCHIVE).stdout


def test_an_article_that_comes_twice_is_replayed_as_an_update(folder: Path) -> None:
    """Both lines bear the id as it was given; what says nothing new tells nothing, however much later it comes."""
    found = [json.loads(text) for text in run(folder, [ARCHIVE[1], ARCHIVE[1]], "--json").stdout.splitlines()]
    assert [(item["article"], item["reason"]) for item in found] == [("a", "first"), ("a", "duplicate")]


def test_a_replay_told_of_what_ingest_takes_for_a_teaser(folder: Path) -> None:
    """A text cut down, as by a paywall, is not published again; what it begins with then is no news."""
    whole = [
        "Jets shelled the town on Monday morning, as witnesses said.",
        "The market was full of people when the first rounds landed there.",
        "Rescue workers looked for others under the rubble for hours.",
        "The shelling killed 9 people, doctors said later in the evening.",
    ]
    archive = [line("a", " ".join(whole)), line("a", whole[-1], 60), line("a", " ".join((*whole, "It went on.")), 90)]
    found = [json.loads(text) for text in run(folder, archive, "--json").stdout.splitlines()]
    assert [item["reason"] for item in found] == ["first", "duplicate", "duplicate"]


def test_an_article_that_comes_again_is_no_second_one(folder: Path) -> None:
    """A day later nobody is told of it again, where another article would be a repeat."""
    later = {**ARCHIVE[1], "date": "2026-03-03T12:00:00Z"}
    for line, reason in ((later, "duplicate"), ({**later, "id": "another"}, "repeat")):
        found = [json.loads(text) for text in run(folder, [ARCHIVE[1], line], "--json").stdout.splitlines()]
        assert [(item["article"], item["reason"]) for item in found] == [("a", "first"), (line["id"], reason)]


def test_an_update_was_told_as_a_repeat_where_its_article_had_not_matched(folder: Path) -> None:
    """Live it is no further report."""
    before = {**ARCHIVE[1], "id": "updated", "title": "Council meets", "text": "The council of the town met at noon."}
    after = {**ARCHIVE[1], "id": "updated", "date": "2026-03-03T12:00:00Z"}
    output = run(folder, [ARCHIVE[1], before, after], "--json").stdout
    found = [json.loads(text) for text in output.splitlines()]
    assert [(item["article"], item["reason"]) for item in found] == [("a", "first"), ("updated", "duplicate")]


def test_a_rule_that_another_keeps_quiet_was_told_in_a_replay(folder: Path) -> None:
    """The configuration's inhibitions hold as they do live."""
    write_rules(folder, {"b-rule.yaml": {**rule_data({"concept": "shelling"}), "id": "b-rule"}})
    config = folder.parent / "marsad.yaml"
    quiet = {"sources": [], "inhibitions": [{"source": ["a-rule"], "target": ["b-rule"], "equal": []}]}
    config.write_text(json.dumps(quiet), encoding="utf-8")
    result = run(folder, ARCHIVE[:1], "--json", "--config", str(config))
    found = {item["rule"]: item["reason"] for item in map(json.loads, result.stdout.splitlines())}
    assert found == {"a-rule": "first", "b-rule": "inhibited"}


def test_a_replay_knew_nothing_of_what_is_configured_of_sources(folder: Path) -> None:
    """A rule that asks for a country or language fires on the articles on which it fires live."""
    asks = {"countries": ["SY"], "languages": ["en"]}
    write_rules(folder, {"a-rule.yaml": {**rule_data({"concept": "shelling"}), "filters": asks}})
    config = folder.parent / "marsad.yaml"
    sources = [
        {"name": name, "files": ["x.jsonl"], "country": country, "language": language}
        for name, country, language in (("here", "SY", "en"), ("abroad", "FR", "en"), ("other", "SY", "fr"))
    ]
    config.write_text(json.dumps({"sources": sources}), encoding="utf-8")
    archive = [line(name, "Jets shelled the town.", source=name) for name in ("here", "abroad", "other")]
    result = run(folder, archive, "--json", "--config", str(config))
    assert [json.loads(text)["article"] for text in result.stdout.splitlines()] == ["here"]


def test_a_control_character_in_a_word_hid_it_from_a_replay(folder: Path) -> None:
    """Ingest takes them out, and cuts titles of more than 1,000 letters."""
    archive = [line("a", "Jets shel\x01led the town."), line("b", "", title=f"{'x' * 1000} Jets shelled the town.")]
    result = run(folder, archive, "--json")
    assert [json.loads(text)["article"] for text in result.stdout.splitlines()] == ["a"]


def test_lines_are_ordered_by_their_clock() -> None:
    """`seen_at` before `date`; a line without either stays behind the line before it; equal ones keep their order."""

    def article(id_: str, **times: datetime) -> ArticleLine:
        return ArticleLine(id=id_, text="x", **times)

    hour = timedelta(hours=1)
    lines = [
        article("late", date=NOON, seen_at=NOON + 2 * hour),
        article("none"),
        article("early", date=NOON - hour),
        article("same", seen_at=NOON - hour),
    ]
    assert [(clock, one.id) for clock, one in in_order(lines)] == [
        (NOON - hour, "early"),
        (NOON - hour, "same"),
        (NOON + 2 * hour, "late"),
        (NOON + 2 * hour, "none"),
    ]


def test_the_first_lines_of_an_archive_were_of_1970_where_they_had_no_date(folder: Path) -> None:
    """And no copy of theirs was one; they have the first clock that is said."""
    undated = line("first", ARCHIVE[1]["text"], None)
    result = run(folder, [undated, ARCHIVE[2]], "--json")
    assert [json.loads(text)["reason"] for text in result.stdout.splitlines()] == ["first", "duplicate"]
    assert "1970" not in result.stderr


@pytest.mark.parametrize("seed", range(3))
async def test_a_replay_says_what_the_live_path_decided(redis: Redis, prefix: str, seed: int) -> None:
    """Live, they come in batches of any size, and a third of the batches twice; what is told, and where, is equal.

    One in four comes again, changed or not. Live, what did not change is not published; replayed, it tells nothing.
    """
    chance = random.Random(seed)  # noqa: S311  # no secret
    engine = engine_of({"concept": "shelling"}, SHELLING)
    lines = in_order(_news(chance))
    by_policy = partial(decide, policy=Policy(max_age=None, routes=tree_of({"*": ("desk",)})))
    store, rest, live, printed = AlertStore(redis, prefix=prefix), list(lines), [], dict[str, Printed]()
    while rest:
        size = chance.randint(1, 9)
        batch, rest = rest[:size], rest[size:]
        articles = list(_published(batch, printed))
        matches = [match for match in match_articles(engine, articles) if match]
        for _ in range(1 + (chance.random() < 1 / 3)):
            for decision in await store.settle(matches, by_policy, now=NOON):
                live += [
                    (decision.article, decision.story, ruling.record.id, ruling.reason) for ruling in decision.rulings
                ]
    again = [(told.article, told.story, told.alert, told.reason) async for told in replay(engine, lines)]
    unchanged = Counter(again) - Counter(live)
    assert [told for told in live if told[-1].told] == [told for told in again if told[-1] and told[-1].told]
    assert Counter(live) <= Counter(again)
    assert {reason for *_, reason in unchanged} <= {Reason.DUPLICATE}
    assert {reason for *_, reason in live} >= {Reason.FIRST, Reason.DUPLICATE}
    assert any(one.revision > 1 for one in printed.values())
    assert unchanged


def _published(batch: Iterable[tuple[datetime, ArticleLine]], printed: dict[str, Printed]) -> Iterator[Article]:
    """What ingest publishes of lines, `printed` being what it has published of each."""
    for clock, one in batch:
        article = Article(id=one.id, title=one.title, text=one.text, source="s", seen_at=clock)
        if published := revised(article, printed[one.id]) if one.id in printed else article:
            printed[one.id] = print_of(published)
            yield published


def _news(chance: random.Random) -> list[ArticleLine]:
    """40 articles of eight stories, edited a little each time, over two days; ten come again, half of them edited."""
    found = list[ArticleLine]()
    for number in range(50):
        body = random.Random(number % 8)  # noqa: S311  # no secret
        words = [f"word{body.randrange(900)}" for _ in range(150)]
        words[chance.randrange(150)] = f"edit{number}"
        text = f"Jets shelled town {number % 8}. " + " ".join(words)
        if number >= 40 and number % 2:  # it says the same
            text = found[number % 40].text
        found.append(
            ArticleLine(id=f"n{number % 40}", text=text, date=NOON + timedelta(minutes=chance.randrange(2880)))
        )
    return found
