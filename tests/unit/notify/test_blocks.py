"""Slack's blocks: within its limits, nothing from outside parsed, evidence in bold."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.alerts import AlertContent, Content, HeldBy, Reason, Revision, Summary, held_back_to
from streams.messages import Excerpt
from streams.notify.blocks import blocks, escape, fallback, plain_text
from streams.notify.wording import Wording
from tests.support.alerting import NOON, alert_content, article, fired, notice

hostile = st.text(max_size=4000) | st.sampled_from(
    [
        "<!channel>",
        "<@U123>",
        "*b* _i_ `c`",
        "&amp;<>" * 900,
        "\x00",
        "\N{FIRE}" * 3000,
        "https://example.org/" + "a" * 1900,
    ]
)


@st.composite
def contents(draw: st.DrawFn) -> AlertContent:
    text = draw(hostile.filter(bool))
    end = draw(st.integers(1, len(text)))
    words = tuple(draw(st.lists(hostile, max_size=3)))
    slots = {f"slot{index}": words for index in range(draw(st.integers(0, 15)))}
    match = fired(title=draw(hostile), excerpts=(Excerpt(text=text, marks=((0, end),)),) * 7, slots=slots)
    return alert_content(match=match, article=article(title=draw(hostile), url=draw(hostile), source=draw(hostile)))


wordings = st.builds(Wording, st.sampled_from(["ar", "en"]), st.sampled_from(["UTC", "Asia/Damascus"]))


@st.composite
def anything(draw: st.DrawFn) -> Content:
    """An alert, a summary of many, a first message with much that became known, a notice."""
    first = draw(contents())
    match draw(st.sampled_from(["alert", "summary", "revision", "notice"])):
        case "summary":
            other = first.model_copy(update={"match": fired(rule=draw(st.text(max_size=9)), title=draw(hostile))})
            told = (first, other) * draw(st.integers(0, 40))
            by = draw(st.sampled_from(HeldBy))
            return Summary(seen_at=NOON, until=NOON, by=by, limit=20, told=told)
        case "revision":
            sources = tuple(draw(st.lists(hostile, max_size=40)))
            later = draw(contents()).model_copy(update={"number": 2, "reason": Reason.NEW_PLACE})
            return Revision(
                alert="a", seen_at=NOON, told=(first, later), sources=sources, articles=900, origins=300, number=10**9
            )
        case "notice":
            held = {f"a1:{number}": draw(hostile) for number in range(draw(st.sampled_from([0, 1, 70])))}
            return notice(draw(hostile)).model_copy(update={"held": held, "about": draw(hostile)})
        case _:
            return first


def texts(value: Any, kind: str) -> list[str]:
    """Every `text` string in objects of this type."""
    if isinstance(value, list):
        return [text for item in value for text in texts(item, kind)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == kind and isinstance(value.get("text"), str) else []
    return own + [text for item in value.values() for text in texts(item, kind)]


def units(text: str) -> int:
    """Characters as UTF-16 has them: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def shown(value: Any) -> list[str]:
    """Every text and address."""
    if isinstance(value, list):
        return [text for item in value for text in shown(item)]
    if not isinstance(value, dict):
        return []
    return [value[name] for name in ("text", "url") if isinstance(value.get(name), str)] + [
        text for item in value.values() for text in shown(item)
    ]


@given(anything(), wordings)
def test_whatever_is_told_keeps_slacks_limits(content: Content, wording: Wording) -> None:
    """50 blocks, 150 in a header, 10 fields of 2,000, 3,000 in anything else, 8,000 in all, and no empty text."""
    found = blocks(content, wording)
    assert len(found) <= 50
    assert (found[0]["type"], found[-1]["type"]) == ("header", "context")
    assert 1 <= units(found[0]["text"]["text"]) <= 150
    for block in found:
        assert len(block.get("fields", [])) <= 10
        assert all(units(field["text"]) <= 2000 for field in block.get("fields", []))
        assert sum(map(units, texts(block, "text") + texts(block, "plain_text"))) <= 3000
        assert all(texts(block, "text") + texts(block, "plain_text") + texts(block, "mrkdwn"))
    assert sum(map(units, shown(found))) <= 8000
    assert 1 <= units(fallback(content, wording)) <= 3000
    assert 1 <= units(plain_text(content, wording)) <= 3000
    json.dumps(found)


def test_a_summary_of_a_large_storm_was_refused_as_too_long() -> None:
    """Eight rules with ten long Arabic headlines each: every rule is named with its count, and as many links as fit."""
    title = "رئيس الوزراء يطالب القوات الأجنبية بالانسحاب الفوري من البلاد خلال شهر واحد بعد جلسة للبرلمان"
    address = "https://www.example.org/arabic/" + "%D8%B1" * 30
    told = tuple(
        alert_content(match=fired(rule=f"r{n % 8}", title=f"Rule {n % 8}"), article=article(title=title, url=address))
        for n in range(96)
    )
    found = blocks(Summary(seen_at=NOON, until=NOON, by=HeldBy.STORM, limit=20, told=told))
    assert sum(map(units, shown(found))) <= 8000
    assert [f"Rule {n}: 12 alerts" in shown(found) for n in range(8)] == [True] * 8
    links = [text for text in shown(found) if text == title]
    assert (len(links), shown(found).count("and 9 more")) == (24, 8)


def test_what_stands_in_a_slot_becomes_no_link_and_no_mention() -> None:
    """Slack makes links and mentions of addresses and names in mrkdwn unless it is verbatim."""
    content = alert_content(match=fired(slots={"who": ("@here http://evil.example",)}))
    (fields,) = [block["fields"] for block in blocks(content) if block["type"] == "section"]
    assert [field["verbatim"] for field in fields] == [True]


@given(anything(), wordings)
def test_nothing_from_outside_is_parsed(content: Content, wording: Wording) -> None:
    """Where Slack parses text, no `<` or `>` is left, and `&` only begins an entity."""
    told = blocks(content, wording)
    for text in [fallback(content, wording), plain_text(content, wording), *texts(told, "mrkdwn")]:
        assert not set("<>") & set(text)
        rest = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert "&" not in rest


def test_evidence_alone_is_bold() -> None:
    """Also within an Arabic word, where asterisks would not be read."""
    match = fired(excerpts=(Excerpt(text="وبالانسحاب الفوري", marks=((2, 10),)),))
    bold = [
        element["text"]
        for block in blocks(alert_content(match=match))
        if block["type"] == "rich_text"
        for section in block["elements"]
        for element in section["elements"]
        if element.get("style", {}).get("bold")
    ]
    assert bold == ["الانسحاب"]


def test_the_headline_links_to_the_article() -> None:
    """The title is the link's text, source and time stand below."""
    section = blocks(alert_content())[1]["elements"][0]["elements"]
    assert section[0]["url"] == "https://example.org/a1"
    assert section[1]["text"] == "\ntasnim, published 2026-03-01 11:00 UTC"


def test_a_notice_has_title_text_and_footer() -> None:
    """Three blocks."""
    assert [block["type"] for block in blocks(notice())] == ["header", "rich_text", "context"]


def test_a_notice_without_a_text_has_no_empty_block() -> None:
    """Slack refuses an empty text, and with it the message."""
    assert [block["type"] for block in blocks(notice(""))] == ["header", "context"]


def test_escaping_is_slacks_three_characters() -> None:
    """And no others."""
    assert escape("a<b>&'\"*") == "a&lt;b&gt;&amp;'\"*"


def test_one_rule_of_a_summary_had_more_text_than_slack_takes() -> None:
    """Of ten long headlines of emoji fewer are shown; of what is short, all that a silence held back."""
    told = tuple(alert_content(match=fired(), article=article(title="\N{FIRE}" * 400, url=None)) for _ in range(10))
    found = blocks(Summary(seen_at=NOON, until=NOON, by=HeldBy.STORM, limit=20, told=told))
    assert max(sum(map(units, texts(block, "text"))) for block in found) <= 3000
    held = held_back_to("desk", "s1", {f"a{n}": f"Headline {n}" for n in range(12)}, about="s1 (a drill)", now=NOON)
    listed = "\n".join(shown(blocks(held.content)))
    assert all(f"Headline {n}" in listed for n in range(12))
