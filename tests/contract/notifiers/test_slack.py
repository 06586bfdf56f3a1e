"""What is Slack's own: the request, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploy.sample.slack_standin import Answer, SlackStandin
from streams.alerts import Notification, Reason, Revision
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.notify.notifier import Earlier
from streams.notify.slack import PACE, Slack, SlackWebhook
from tests.support.alerting import NOON, alert_content, notification
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
        (Answer(body={}), DeliveryUncertainError, "not one of its own"),
        (Answer(body={"ok": "yes", "ts": "1.1"}), DeliveryUncertainError, "not one of its own"),
        (Answer(body={"ok": 1}), DeliveryUncertainError, "not one of its own"),
        (Answer(body="null"), DeliveryUncertainError, "not one of its own"),
        (Answer(body="[1, 2"), DeliveryUncertainError, "not one of its own"),
        (Answer(302, "", {"Location": "http://127.0.0.1:1/"}), DeliveryDeferredError, "cannot be reached"),
        (Answer(500, "x" * 3_000_000), DeliveryUncertainError, "HTTP 500"),
        (Answer(503, "down"), DeliveryUncertainError, "HTTP 503"),
        (Answer(400, "nothing of ours"), DeliveryRefusedError, "HTTP 400"),
        (Answer(408, "too slow"), DeliveryUncertainError, "HTTP 408"),
        (Answer(200, b"caf\xe9", {"Content-Type": "text/plain"}), DeliveryUncertainError, "its own"),
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


async def test_what_is_new_goes_into_the_thread_of_what_was_told_first(bot: Slack, chat: SlackStandin) -> None:
    """By the receipt of the first message; what weighs more is shown in the channel too."""
    first = await bot.send(notification(1))
    await bot.send(notification(2, reason=Reason.NEW_PLACE), Earlier(first=first.text))
    await bot.send(notification(3, reason=Reason.HIGHER_SEVERITY), Earlier(first=first.text))
    threads = [(message.get("thread_ts"), message.get("reply_broadcast")) for message in chat.received]
    stamp = first.text.partition("/")[2]
    assert threads == [(None, None), (stamp, False), (stamp, True)]


@pytest.mark.parametrize("thread", [False, True], ids=["channel", "thread"])
@pytest.mark.parametrize("arrived", [False, True], ids=["did not arrive", "arrived"])
async def test_slack_is_asked_before_an_uncertain_message_is_repeated(
    chat: SlackStandin, *, thread: bool, arrived: bool
) -> None:
    """The connection dropped: what Slack has is not sent again, what it has not is; the receipt is the same."""
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    first = (await bot.send(notification(1))).text if thread else ""
    chat.script.append(Answer(drop=True, recorded=arrived))
    with pytest.raises(DeliveryUncertainError):
        await bot.send(notification(2), Earlier(first=first))
    receipt = await bot.send(notification(2), Earlier(uncertain=True, since=NOON, first=first))
    await bot.close()
    assert chat.notification_ids.count(notification(2).id) == 1
    assert receipt.text == f"C0123456/1700000000.00000{1 + thread}"
    assert ("conversations.replies" if thread else "conversations.history") in chat.calls


@pytest.mark.parametrize("channel", ["#desk", "C0123456"])
async def test_a_slack_that_cannot_be_asked_is_sent_the_message_again(chat: SlackStandin, channel: str) -> None:
    """A channel by name has no history by that name, and a bot may lack the right: at least once."""
    chat.readable = False
    bot = Slack(channel=channel, token=SecretStr(TOKEN), api=chat.api)
    await bot.send(notification(2), Earlier(uncertain=True, since=NOON))
    await bot.close()
    assert chat.notification_ids == [notification(2).id]


async def test_an_uncertain_message_was_not_found_behind_the_first_page(chat: SlackStandin) -> None:
    """A busy channel: what arrived before many others is found all the same, and not sent again."""
    chat.page = 2
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    for number in range(1, 6):
        await bot.send(notification(number))
    receipt = await bot.send(notification(1), Earlier(uncertain=True, since=NOON))
    await bot.close()
    assert (receipt.text, len(chat.received)) == ("C0123456/1700000000.000001", 5)


async def test_an_uncertain_message_was_looked_for_in_a_thread_that_was_not_there_yet(chat: SlackStandin) -> None:
    """It was sent into the channel while what told first was on its way; by now that has a thread."""
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    await bot.send(notification(2, reason=Reason.NEW_PLACE))
    first = await bot.send(notification(1))
    again = await bot.send(notification(2), Earlier(uncertain=True, since=NOON, first=first.text))
    await bot.close()
    assert (again.text, len(chat.received)) == ("C0123456/1700000000.000001", 2)


async def test_a_slack_that_is_busy_when_asked_is_asked_again_later(chat: SlackStandin) -> None:
    """Nothing is sent meanwhile."""
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    await chat.stop()
    with pytest.raises(DeliveryDeferredError):
        await bot.send(notification(2), Earlier(uncertain=True, since=NOON))
    await bot.close()
    assert chat.received == []


async def test_the_retry_after_of_a_slack_that_was_asked_got_lost(chat: SlackStandin) -> None:
    """It is obeyed like that of one which was sent something."""
    chat.questions.append(Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"}))
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    with pytest.raises(DeliveryDeferredError) as caught:
        await bot.send(notification(2), Earlier(uncertain=True, since=NOON))
    await bot.close()
    assert (caught.value.retry_after, chat.received) == (timedelta(seconds=30), [])


@pytest.mark.parametrize("word", ["metadata_too_large", "metadata_must_be_sent_from_app"])
async def test_a_message_was_lost_when_slack_refused_its_metadata(bot: Slack, chat: SlackStandin, word: str) -> None:
    """It is sent without; an uncertain attempt cannot be looked for then."""
    chat.script.append(Answer(body={"ok": False, "error": word}))
    await bot.send(notification())
    assert [("metadata" in message, "blocks" in message) for message in chat.received] == [(False, True)]


@pytest.mark.parametrize("word", ["invalid_blocks", "msg_blocks_too_long"])
async def test_a_message_was_lost_when_slack_refused_its_form(chat: SlackStandin, word: str) -> None:
    """It is sent as plain text: the same words, links and evidence, escaped."""
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    chat.script.append(Answer(body={"ok": False, "error": word}))
    await bot.send(notification())
    await bot.close()
    (message,) = chat.received
    assert "blocks" not in message
    assert "https://example.org/a1" in message["text"]
    assert message["metadata"]["event_payload"]["notification_id"] == notification().id


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body={"ok": False, "error": "restricted_action_read_only_channel"}),
        Answer(body={"ok": False, "error": "accesslimited"}),
        Answer(403, "<html>blocked by your organisation</html>"),
        Answer(404, "nothing here"),
    ],
)
async def test_every_alert_was_given_up_for_what_is_about_none(bot: Slack, chat: SlackStandin, answer: Answer) -> None:
    """Whatever is sent would be refused: it is tried again, and the receiver is left alone meanwhile."""
    chat.script.append(answer)
    with pytest.raises(DeliveryRefusedError) as caught:
        await bot.send(notification())
    assert caught.value.everything


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (Answer(200, "<html>log in to the hotel's network</html>"), DeliveryUncertainError, "not one of its own"),
        (Answer(302, headers={"Location": "/"}), DeliveryRefusedError, "HTTP 302"),
        (Answer(403, "<html>blocked by your organisation</html>"), DeliveryRefusedError, "HTTP 403"),
        (Answer(404, "no_active_hooks"), DeliveryRefusedError, "no_active_hooks"),
    ],
)
async def test_a_webhooks_alert_was_lost_to_a_page(answer: Answer, error: type[DeliveryError], says: str) -> None:
    """It counted as sent where the page was answered with 200; it is tried again, and `receivers test` says so."""
    async with slack() as standin:
        notifier = SlackWebhook(url=SecretStr(standin.webhook))
        standin.script.append(answer)
        with pytest.raises(error, match=says) as caught:
            await notifier.send(notification())
        await notifier.close()
        assert getattr(caught.value, "everything", True)


async def test_every_alert_was_given_up_while_the_webhooks_address_was_none() -> None:
    """It is corrected, and they are sent."""
    notifier = SlackWebhook(url=SecretStr("hooks.slack.com/services/T0/B0/x"))
    with pytest.raises(DeliveryRefusedError, match="the address of Slack is not one") as caught:
        await notifier.send(notification())
    await notifier.close()
    assert caught.value.everything


async def test_a_webhooks_message_was_lost_when_slack_refused_its_form() -> None:
    """As a bot's."""
    async with slack() as standin:
        notifier = SlackWebhook(url=SecretStr(standin.webhook))
        standin.script.append(Answer(400, "invalid_blocks"))
        await notifier.send(notification())
        await notifier.close()
        assert ["blocks" in message for message in standin.received] == [False]


async def test_a_development_was_lost_when_its_thread_was_gone(bot: Slack, chat: SlackStandin) -> None:
    """Somebody deleted the first message: it is told in the channel."""
    first = await bot.send(notification(1))
    chat.script.append(Answer(body={"ok": False, "error": "cannot_reply_to_message"}))
    await bot.send(notification(2, reason=Reason.NEW_PLACE), Earlier(first=first.text))
    assert [message.get("thread_ts") for message in chat.received] == [None, None]
    assert "blocks" in chat.received[1]


@pytest.mark.parametrize(
    "receipt", ["webhook", "<n1.0@example.org>", "/var/log/alerts.jsonl@123", "C7654321/1700000000.000001"]
)
async def test_a_development_was_refused_after_its_receiver_was_changed(chat: SlackStandin, receipt: str) -> None:
    """It told its first message by mail, into a file or in another channel: this one is told in the channel of now."""
    bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    await bot.send(notification(2), Earlier(first=receipt))
    await bot.close()
    assert [(message["channel"], message.get("thread_ts")) for message in chat.received] == [("C0123456", None)]


@pytest.mark.parametrize("word", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_a_receiver_was_left_alone_for_the_channel_that_it_had_before(chat: SlackStandin, word: str) -> None:
    """A channel that is named by name was moved, and the old one archived: what is new is told in that of now."""
    bot = Slack(channel="#new", token=SecretStr(TOKEN), api=chat.api)
    chat.script.append(Answer(body={"ok": False, "error": word}))
    await bot.send(notification(2), Earlier(first="C7654321/1700000000.000001"))
    await bot.close()
    assert [(message["channel"], message.get("thread_ts")) for message in chat.received] == [("#new", None)]


async def test_what_slack_did_not_tell_first_is_not_edited(bot: Slack, chat: SlackStandin) -> None:
    """The edit is let go, and Slack is not asked."""
    edit = Revision(alert="a", seen_at=NOON, told=(alert_content(),), articles=2, origins=1)
    with pytest.raises(DeliveryRefusedError, match="no message of Slack's") as caught:
        await bot.send(Notification(id="n1:x", receiver="desk", content=edit), Earlier(first="<n1.0@example.org>"))
    assert (caught.value.everything, chat.calls) == (False, [])


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
