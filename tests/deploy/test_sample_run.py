"""`make run`: its folder, its configuration, what it prints, and the whole of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deploy.sample import run, terminal
from deploy.sample.sample_site import PUBLISHERS, SampleSite
from streams.alerts import AlertContent, Reason
from streams.messages import ArticleHead, Entity, Evidence, Excerpt, RuleMatch, Severity
from streams.notify.blocks import blocks
from streams.settings import MailReceiver, SlackReceiver, load

NOW = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
SENTENCE = "دعا باقري القوات الأجنبية إلى الانسحاب فورًا."


def alert() -> AlertContent:
    """An alert with one sentence whose second word is evidence, and a link with mark-up in its title."""
    rule = RuleMatch(
        rule="troop-withdrawal-demand",
        title="Demand that troops withdraw",
        severity=Severity.HIGH,
        evidence=(Evidence(field="text", start=4, end=9, text="باقري"),),
        excerpts=(Excerpt(text=SENTENCE, marks=((4, 9),)),),
        slots={"who": ("باقري",), "whose": (), "where": ()},
        entities={"who": (Entity(text="باقري", name="Bagheri"),)},
        repeat_after=timedelta(hours=12),
    )
    article = ArticleHead(id="c1:a", title="A <b>&amp; B", source="sample-daily", url="http://127.0.0.1:1/a")
    return AlertContent(alert="a1:x", number=1, reason=Reason.FIRST, seen_at=NOW, article=article, match=rule)


def test_an_alert_is_shown_as_slack_was_sent_it() -> None:
    """Rule, headline, link, sentence and slots are there, in the original characters."""
    text = "\n".join(line.plain for line in terminal.render_blocks(blocks(alert())))
    for words in (
        "Demand that troops withdraw",
        "A <b>&amp; B",
        "http://127.0.0.1:1/a",
        SENTENCE,
        "who: باقري (Bagheri)",
    ):
        assert words in text


def test_only_evidence_is_highlighted() -> None:
    """What is bold in a quoted sentence is evidence; a bold headline is not."""
    lines = list(terminal.render_blocks(blocks(alert())))
    highlighted = [
        line.plain[span.start : span.end] for line in lines for span in line.spans if span.style == terminal.EVIDENCE
    ]
    assert highlighted == ["باقري"]


def test_evidence_is_marked_where_colours_do_not_show() -> None:
    """In a pipe or a log the marks stand around the evidence, inside a word too."""
    text = "\n".join(line.plain for line in terminal.render_blocks(blocks(alert()), marks=("«", "»")))
    assert "دعا «باقري» القوات" in text


def test_blocks_that_say_nothing_are_left_out() -> None:
    """A divider or a button has no text to print."""
    assert list(terminal.render_blocks([{"type": "divider"}, {"type": "actions", "elements": []}])) == []


def test_the_tables_add_up() -> None:
    """The foot of the table compares what came in with the sum of the statuses; empty statuses have no row."""
    out = io.StringIO()
    Console(file=out, width=100).print(terminal.articles_table(3, {"alerted": 1, "no_match": 2, "shadow": 0}))
    assert "in: 3" in out.getvalue()
    assert "shadow" not in out.getvalue()


def test_the_folder_is_emptied_and_nothing_beside_it(tmp_path: Path) -> None:
    """Files, folders and links of an earlier run go; what a link pointed at stays."""
    folder, outside = tmp_path / ".run", tmp_path / "data"
    (folder / "data").mkdir(parents=True)
    outside.mkdir()
    (outside / "log.db").touch()
    (folder / "data" / "log.db").touch()
    (folder / "link").symlink_to(outside)
    with run.empty_folder(folder):
        assert list(folder.iterdir()) == []
    assert (outside / "log.db").exists()


def test_a_folder_in_use_or_a_link_is_refused(tmp_path: Path) -> None:
    """A second run does not empty the folder of the first, and a link is not followed to somebody's data."""
    folder, link = tmp_path / ".run", tmp_path / "link"
    link.symlink_to(tmp_path)
    with run.empty_folder(folder):
        (folder / "log.db").touch()
        with pytest.raises(SystemExit, match="another `make run`"), run.empty_folder(folder):
            pass
        assert (folder / "log.db").exists()
    with pytest.raises(SystemExit, match="is a link"), run.empty_folder(link):
        pass


def test_the_configuration_is_one_that_marsad_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both feeds may alert their archive, both stand-ins are told of every rule, and all data stays in the folder."""
    monkeypatch.delenv("MARSAD_ENGINES__DATA", raising=False)
    feeds = {publisher.name: f"http://127.0.0.1:{port}/feed.xml" for port, publisher in enumerate(PUBLISHERS, 1)}
    found = load(run.write_config(tmp_path, feeds=feeds, slack_api="http://127.0.0.1:3/api/", mail_port=4))
    assert {source.name: (source.feed, source.alert_archive) for source in found.sources} == {
        name: (url, True) for name, url in feeds.items()
    }
    slack, mail = (receiver.way for receiver in found.receivers)
    assert isinstance(slack, SlackReceiver)
    assert isinstance(mail, MailReceiver)
    assert (slack.api, mail.port, found.routes) == ("http://127.0.0.1:3/api/", 4, {"*": ("newsroom", "desk")})
    assert (found.engines.data, found.rules) == (tmp_path / "data", run.ROOT / "rules")


def test_nothing_of_a_real_configuration_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's variables stay out of the sample, whatever their case; the token is made up."""
    monkeypatch.setenv("MARSAD_SLACK_TOKEN", "xoxb-real")
    monkeypatch.setenv("marsad_engines__broker", "kafka://real:9092")
    names = {name: value for name, value in run.environment().items() if name.upper().startswith("MARSAD_")}
    assert names == {"MARSAD_SLACK_TOKEN": "xoxb-sample"}


ENTRIES = sum(publisher.entries for publisher in PUBLISHERS)
GOOD: dict[str, Any] = {
    "articles": {"entered": ENTRIES, "statuses": {"alerted": 1, "no_match": ENTRIES - 1}},
    "outbox": {"pending": 0, "leased": 0, "delivered": 2, "dead": 0},
}


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        (0, GOOD, []),
        (1, GOOD, ["`marsad run --drain` ended with status 1; see .run/marsad.log"]),
        (
            0,
            {**GOOD, "outbox": {"delivered": 2, "dead": 1}},
            ["notifications are undelivered: {'delivered': 2, 'dead': 1}"],
        ),
        (
            0,
            {**GOOD, "articles": {"entered": ENTRIES, "statuses": {"alerted": 1}}},
            [f"{ENTRIES} articles entered, but 1 have ended"],
        ),
        (
            0,
            {**GOOD, "articles": {"entered": 1, "statuses": {"alerted": 1}}},
            [f"the feeds have {ENTRIES} entries, but 1 articles entered"],
        ),
    ],
)
def test_success_is_every_article_ended_and_every_alert_delivered(
    code: int, status: dict[str, Any], expected: list[str]
) -> None:
    """Whatever is short of that is said, and makes the exit status 1."""
    sample = run.Sample(Console(file=io.StringIO()), SampleSite(NOW))
    sample.slack.received.append({})
    sample.mail.received.append(EmailMessage())
    assert run.shortcomings(code, status, sample) == expected


def test_an_alert_that_nobody_received_is_a_shortcoming() -> None:
    """What the outbox calls delivered has to have arrived."""
    sample = run.Sample(Console(file=io.StringIO()), SampleSite(NOW))
    assert run.shortcomings(0, GOOD, sample) == ["2 notifications were delivered, but 0 were received"]


@pytest.mark.slow
async def test_the_whole_sample(tmp_path: Path) -> None:
    """The real command reads the site: three articles alert, the re-print adds none, the broken entry is counted."""
    out = io.StringIO()
    code = await run.run(tmp_path, Console(file=out, width=200, highlight=False))
    text = out.getvalue()
    assert code == 0, text
    rows = {
        line.split("│")[1].strip(): line.split("│")[2].strip() for line in text.splitlines() if line.count("│") == 3
    }
    assert rows == {
        "alerted": "3",
        "duplicate": "1",
        "no_match": "2",
        "unreadable": "1",
        f"in: {ENTRIES}": str(ENTRIES),
    }
    assert text.count("Demand that troops withdraw") >= 2
    assert "first alert after" in text
