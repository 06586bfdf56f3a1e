"""What is Slack's own: the request, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploy.sample.slack_standin import Answer, SlackStandin
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.notify.slack import PACE, Slack, SlackWebhook
from tests.support.alerting import notification
from tests.support.slack import TOKEN, slack


@pytest.fixture
async def chat() -> AsyncIterator[SlackStandin]:
    async with slack() as standin:
        yield standin


@pytest.fixture
async def bot(chat: SlackStandin) -> AsyncIterator[Slack]:
    notifier = Slack(channel="#desk", token=SecretStr(TOKEN), api=chat.api)
    yield notifier
    await notifier.close()


async def test_the_message_has_channel_blocks_text_and_metadata(bot: Slack, chat: SlackStandin) -> None:
    """Alert and notification ids go into the metadata; links are not unfolded; the receipt is channel and time."""
    receipt = await bot.send(notification(5))
    (message,) = chat.received
    assert message["channel"] == "#desk"
    assert message["metadata"]["event_payload"] == {"alert_id": "a1:0123", "notification_id": notification(5).id}
    assert message["text"].startswith("[HIGH] Rule withdrawal")
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert receipt.text == "#desk/1700000000.000001"


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (Answer(body={"ok": False, "error": "channel_not_found"}), DeliveryRefusedError, "channel_not_found"),
        (Answer(body={"ok": False, "error": "ratelimited"}), DeliveryDeferredError, "429"),
        (Answer(body={"ok": False, "error": "internal_error"}), DeliveryUncertainError, "internal_error"),
        (Answer(body={"ok": False, "error": "Odd <b>words</b>"}), DeliveryRefusedError, "HTTP 200"),
        (Answer(body="<html>maintenance</html>"), DeliveryUncertainError, "not one of its own"),
        (Answer(body={}), DeliveryUncertainError, "HTTP 500"),
        (Answer(503, "down"), DeliveryUncertainError, "HTTP 503"),
        (Answer(404, "nothing here"), DeliveryRefusedError, "HTTP 404"),
        (Answer(500, {"ok": False, "error": "fatal_error"}), DeliveryUncertainError, "fatal_error"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_an_answer_that_is_not_ok(
    bot: Slack, chat: SlackStandin, answer: Answer, error: type[DeliveryError], text: str
) -> None:
    """Known words and statuses are told apart; a server's free text is not repeated."""
    chat.script.append(answer)
    with pytest.raises(error, match=text):
        await bot.send(notification())


async def test_retry_after_is_passed_on(bot: Slack, chat: SlackStandin) -> None:
    """As Slack gave it."""
    chat.script.append(Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"}))
    with pytest.raises(DeliveryDeferredError) as caught:
        await bot.send(notification())
    assert caught.value.retry_after == timedelta(seconds=30)


async def test_a_webhook_that_is_gone_fails_the_check() -> None:
    """Slack does not know it."""
    async with slack(token="other") as standin:
        notifier = SlackWebhook(url=SecretStr(standin.webhook.replace("other", "revoked")))
        with pytest.raises(DeliveryRefusedError, match="no_service"):
            await notifier.check()
        await notifier.close()


def test_the_pace_is_slacks() -> None:
    """One a second for each channel over time."""
    assert PACE.interval == timedelta(seconds=1)
