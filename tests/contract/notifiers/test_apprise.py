"""Apprise over its own JSON service: what arrives, what a failure means, and that no address is told."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from deploy.sample.slack_standin import Answer
from streams.alerts import HeldBy, Summary
from streams.errors import DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.messages import Severity
from streams.notify.apprise import Apprise
from tests.support.alerting import NOON, alert_content, article, fired, notice, notification
from tests.support.ports import free_port
from tests.support.webhook import WebhookStandin, webhook

SECRET = "s3cret-path"


def service(port: int) -> Apprise:
    return Apprise(url=SecretStr(f"json://127.0.0.1:{port}/hooks/{SECRET}"))


async def test_title_and_text_arrive() -> None:
    """In the receiver's words, marked by how much it matters."""
    async with webhook() as standin:
        notifier = service(standin.port)
        critical = alert_content(match=fired(severity=Severity.CRITICAL))
        for content in (alert_content(), critical, notice()):
            await notifier.send(notification().model_copy(update={"content": content}))
        assert await notifier.check() == "Apprise knows the address: JSON"
        await notifier.close()
    assert [told["type"] for told in standin.received] == ["failure", "failure", "info"]
    assert "Rule withdrawal" in standin.received[0]["title"]
    assert "دعا باقري" in standin.received[0]["message"]


@pytest.mark.parametrize(
    ("address", "path", "most", "told"),
    [
        ("rocket://abcdefgh%2Fijklmnop@127.0.0.1:{}/#desk", "/hooks/abcdefgh/ijklmnop", 1000, ["title 0", "title 9"]),
        ("mastodon://token@127.0.0.1:{}", "/api/v1/statuses", 500, ["title 0"]),
    ],
)
async def test_what_is_longer_than_a_service_takes_was_refused_for_ever(
    address: str, path: str, most: int, told: list[str]
) -> None:
    """It is sent in parts; of what takes little, as text messages, its beginning."""
    contents = tuple(alert_content(alert=f"a1:{n}", article=article(title=f"title {n} " * 20)) for n in range(10))
    digest = Summary(seen_at=NOON, until=NOON, by=HeldBy.DIGEST, told=contents)
    async with webhook() as standin:
        standin.path = path
        standin.script.extend([Answer(200, recorded=True)] * 10)
        notifier = Apprise(url=SecretStr(address.format(standin.port)))
        await notifier.send(notification().model_copy(update={"content": digest}))
    parts = [next(text for key in ("text", "status") if (text := part.get(key))) for part in standin.received]
    assert max(map(len, parts)) <= most
    assert [title for title in ("title 0", "title 9") if title in "".join(parts)] == told


async def test_what_was_not_taken_is_tried_again_and_told_without_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refusal and a server that is not there are the same to Apprise: perhaps it arrived."""
    caplog.set_level(logging.DEBUG)
    async with webhook() as standin:
        standin.script.append(Answer(500))
        told = [await _failure(service(standin.port)), await _failure(service(free_port()))]
    assert [type(error) for error in told] == [DeliveryUncertainError] * 2
    assert SECRET not in caplog.text + "".join(map(str, told)) + repr(service(1))
    assert isinstance(standin, WebhookStandin)


@pytest.mark.parametrize("url", ["nonsense://s3cret-path", "s3cret-path", "tgram://s3cret-path", ""])
async def test_an_address_that_apprise_does_not_know_is_refused(url: str) -> None:
    """By `check` and by `send`; nothing that is sent there will do better."""
    notifier = Apprise(url=SecretStr(url))
    for call in (notifier.check(), notifier.send(notification())):
        with pytest.raises(DeliveryRefusedError, match="none that Apprise knows") as caught:
            await call
        assert caught.value.everything


async def _failure(notifier: Apprise) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(notification())
    return caught.value
