"""Builders for matches, their rules and notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from streams.alerts import AlertContent, Notice, Notification, Reason
from streams.messages import ArticleHead, Entity, Evidence, Excerpt, Match, RuleMatch, Severity
from streams.silences import Silence

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SENTENCE = "دعا باقري إلى انسحاب القوات الأجنبية من إدلب"


def fired(rule: str = "withdrawal", **changes: Any) -> RuleMatch:
    """A rule that fired on SENTENCE."""
    start = SENTENCE.index("انسحاب")
    values: dict[str, Any] = {
        "rule": rule,
        "title": f"Rule {rule}",
        "severity": Severity.HIGH,
        "evidence": (Evidence(field="text", start=start, end=start + 6, text="انسحاب"),),
        "excerpts": (Excerpt(text=SENTENCE, marks=((start, start + 6),)),),
        "slots": {"who": ("باقري",), "whose": ("القوات الأجنبية",), "where": ("إدلب",)},
        "entities": {"who": (Entity(text="باقري", name="Mohammad Bagheri"),)},
        "repeat_after": timedelta(hours=12),
    }
    return RuleMatch(**{**values, **changes})


def article(id_: str = "a1", **changes: Any) -> ArticleHead:
    """An article published an hour before NOON."""
    values: dict[str, Any] = {
        "id": id_,
        "title": "باقري: على القوات الأجنبية أن تنسحب",
        "source": "tasnim",
        "url": f"https://example.org/{id_}",
        "published": NOON - timedelta(hours=1),
    }
    return ArticleHead(**{**values, **changes})


def match(id_: str = "a1", *rules: RuleMatch, story: str = "s1", seen_at: datetime = NOON, **changes: Any) -> Match:
    """A match of the article `id_`; `changes` are the article's. Another story than `s1` happens elsewhere."""
    told = rules or (fired(),)
    if story != "s1":
        told = tuple(rule.model_copy(update={"slots": {**rule.slots, "where": (f"بلدة {story}",)}}) for rule in told)
    return Match(seen_at=seen_at, article=article(id_, **changes), story=story, rulebook="r1", rules=told)


def silence(**changes: Any) -> Silence:
    """An hour's silence from NOON on; `changes` say of what."""
    values: dict[str, Any] = {
        "id": "s-1",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=1),
        "author": "editor",
        "comment": "known",
    }
    return Silence.model_validate({**values, **changes})


def alert_content(**changes: Any) -> AlertContent:
    """An alert told for the first time."""
    values: dict[str, Any] = {
        "alert": "a1:0123",
        "number": 1,
        "reason": Reason.FIRST,
        "seen_at": NOON,
        "article": article(),
        "match": fired(),
    }
    return AlertContent(**{**values, **changes})


def notification(number: int = 1, receiver: str = "desk", **changes: Any) -> Notification:
    """A notification of an alert; `changes` are the content's."""
    return Notification(id=f"n1:{number:032x}", receiver=receiver, content=alert_content(**changes))


def notice(text: str = "Nothing is well.") -> Notice:
    """A notice about Marsad itself."""
    return Notice(cause="test", title="A test", text=text, seen_at=NOON)
