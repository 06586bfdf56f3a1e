"""Slack: a bot's `chat.postMessage`, or an incoming webhook. Each tries once; when to try again is decided elsewhere.

Errors are made anew, without the library's own behind them: those carry addresses and answers, and a webhook's address
is its secret.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import aiohttp
import structlog
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from streams.alerts import AlertContent, Content, Notification, Reason, Revision
from streams.errors import DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.notify.blocks import blocks, fallback, plain_text
from streams.notify.http import OK, Session, from_transport
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.notify.render import ENGLISH
from streams.notify.slack_answers import PartRefusedError, from_answer, from_status
from streams.notify.wording import Wording
from streams.retry_after import parse_retry_after
from streams.stores.outbox import Pace

PACE = Pace(interval=timedelta(seconds=1), burst=4)
"""Slack takes one message a second for each channel and bursts beyond that for a short time
(https://docs.slack.dev/apis/web-api/rate-limits); a Retry-After is obeyed besides."""
CLOCKS_DIFFER = timedelta(minutes=2)
"""How far Slack's clock may be from ours."""
PAGE, PAGES = 999, 20
"""Messages that are asked for at a time, the most that Slack gives, and how often at most in one attempt."""
_READING = frozenset({"conversations.history", "conversations.replies"})
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_RECEIPT = re.compile(r"([^/]+)/([0-9]+\.[0-9]+)")
_log = structlog.get_logger()
EVENT_TYPE = "marsad_alert"
Answered = TypeVar("Answered")


class Slack:
    """Posts to a channel with a bot token, and edits what it posted."""

    edits = True

    def __init__(self, *, channel: str, token: SecretStr, api: str, wording: Wording = ENGLISH) -> None:
        self._channel, self._token, self._api, self._wording = channel, token, api, wording
        self.pace = replace(PACE, name=f"slack {channel}")
        self._session = Session()

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:
        """Post the message; the receipt is `channel/ts`. See the protocol.

        What is new of an alert goes into the thread of the message that told it first; what weighs more, or is told
        again after a long time, is shown in the channel as well. A revision edits that message; to do so twice is to
        do it once.
        """
        channel, thread = _place_of(earlier.first)
        if isinstance(notification.content, Revision):
            return await self._edit(notification.content, channel, thread)
        if _CHANNEL_ID.fullmatch(self._channel) and channel != self._channel:
            # It was told elsewhere, before the settings were changed.
            channel, thread = "", ""
        if earlier.uncertain and (found := await self._find(notification, earlier, channel, thread)):
            return found
        place = {"thread_ts": thread, "reply_broadcast": _is_loud(notification)} if thread else {}
        try:
            answer = await self._post(notification, channel=channel or self._channel, **place)
        except DeliveryRefusedError as error:
            if not (error.everything and thread and channel != self._channel):
                raise
        else:
            return _receipt(answer, self._channel)
        # The thread's channel takes nothing any more, and may not be the one that is meant by the name now.
        return _receipt(await self._post(notification, channel=self._channel), self._channel)

    async def _post(self, notification: Notification, **place: Any) -> Mapping[str, Any]:
        body = {**place, **_message(notification, self._wording)}
        return await _in_parts(partial(self._call, "chat.postMessage"), body, notification.content, self._wording)

    async def _edit(self, revision: Revision, channel: str, stamp: str) -> Receipt:
        """The first message as it reads by now; its metadata stay what they were."""
        if not stamp:
            raise DeliveryRefusedError("what was told first is no message of Slack's")
        try:
            await self._call(
                "chat.update",
                channel=channel,
                ts=stamp,
                text=fallback(revision, self._wording),
                blocks=blocks(revision, self._wording),
            )
        except DeliveryRefusedError as error:
            # Whoever may not edit may post all the same.
            refusal = DeliveryRefusedError(str(error))
        else:
            return Receipt(f"{channel}/{stamp}")
        raise refusal

    async def _find(self, notification: Notification, earlier: Earlier, channel: str, thread: str) -> Receipt | None:
        """The message of an attempt that was thought uncertain, if Slack has it.

        Slack is asked by the channel's id; where only its name is known, or the bot may not read the channel
        (`channels:history`), it cannot be asked, and the message is sent again: at least once. While Slack does not
        answer nothing is sent, and what was sent before is as uncertain as it was.
        """
        channel = channel or self._channel
        if not _CHANNEL_ID.fullmatch(channel):
            return None
        since = (earlier.since or datetime.now(UTC)) - CLOCKS_DIFFER
        where = {"channel": channel, "oldest": f"{since.timestamp():.6f}", "include_all_metadata": "true"}
        # What is in a thread by now may have been sent before it was known which.
        places = [("conversations.replies", {"ts": thread})] if thread else []
        wanted = metadata(notification)["event_payload"]["notification_id"]
        for method, more in [*places, ("conversations.history", {})]:
            try:
                async for message in self._read(method, **where, **more):
                    payload = message.get("metadata", {}).get("event_payload", {})
                    if payload.get("notification_id") == wanted:
                        return Receipt(f"{channel}/{message.get('ts', '')}")
            except DeliveryRefusedError as error:
                _log.warning("slack_cannot_be_asked", channel=channel, reason=str(error))
        return None

    async def _read(self, method: str, **where: str) -> AsyncIterator[Mapping[str, Any]]:
        """The messages of a channel or thread, page by page."""
        cursor: dict[str, str] = {}
        for _ in range(PAGES):
            answer = await self._call(method, **where, **cursor, limit=PAGE)
            for message in answer.get("messages", ()):
                yield message
            following = (answer.get("response_metadata") or {}).get("next_cursor")
            if not following:
                return
            cursor = {"cursor": str(following)}
        _log.warning("slack_history_too_long", method=method, channel=where["channel"])

    async def check(self) -> str:
        """`auth.test`: the token is good, and whose it is. Whether the bot is in the channel shows the first post."""
        answer = await self._call("auth.test")
        return f"Slack answers for {answer.get('user', '?')} in {answer.get('team', '?')}, channel {self._channel}"

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _call(self, method: str, **body: Any) -> Mapping[str, Any]:
        try:
            client = AsyncWebClient(
                token=self._token.get_secret_value(),
                base_url=self._api,
                session=self._session.get(),
                # The SDK's own handler repeats once on a reset connection: perhaps a second message.
                retry_handlers=[],
            )
            client.proxy = None  # the SDK takes it from the environment, for loopback addresses too
            # Methods that read take no JSON (https://docs.slack.dev/apis/web-api).
            given = {"http_verb": "GET", "params": body} if method in _READING else {"json": body}
            answer = await client.api_call(method, **given)
        except SlackApiError as error:
            failure: DeliveryError = from_answer(error.response)
        except AttributeError:  # the SDK's, for a text where JSON belongs: somebody answered, but was it Slack?
            failure = DeliveryUncertainError("Slack's answer is not one of its own")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            failure = from_transport(error, "Slack")
        else:
            if isinstance(answer.data, dict) and answer.data.get("ok") is True:
                return answer.data
            failure = from_answer(answer)
        raise failure


class SlackWebhook:
    """Posts to an incoming webhook, whose address is the secret. It cannot be asked what it has: at least once."""

    pace = PACE
    edits = False

    def __init__(self, *, url: SecretStr, wording: Wording = ENGLISH) -> None:
        self._url, self._wording = url, wording
        self._session = Session()

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:  # noqa: ARG002
        """Post the message; Slack gives no name for it, so there are no threads. See the protocol."""
        body = _message(notification, self._wording)
        await _in_parts(self._take, body, notification.content, self._wording)
        return Receipt("webhook")

    async def check(self) -> str:
        """Post nothing: a webhook that is there answers that the text is missing, one that is not that it is not."""
        status, text, wait = await self._post({})
        if text not in {"no_text", "invalid_payload", "missing_text_or_fallback_or_attachments"}:
            _demand_taken(status, text, wait)
        return "Slack knows the webhook"

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _take(self, **body: Any) -> None:
        _demand_taken(*await self._post(body))

    async def _post(self, body: Mapping[str, Any]) -> tuple[int, str, timedelta | None]:
        """Status, the answer's word, and Retry-After. Not through the SDK, whose debug log prints the address."""
        try:
            async with self._session.get().post(
                self._url.get_secret_value(), json=body, allow_redirects=False
            ) as answer:
                text = (await answer.content.read(1000)).decode("utf-8", "replace").strip()
                return answer.status, text, parse_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            failure = from_transport(error, "Slack")
        raise failure


def _demand_taken(status: int, text: str, wait: timedelta | None) -> None:
    """Raise unless a webhook has taken it: Slack says `ok`, who works like it something else, neither a page."""
    if status != OK:
        raise from_status(status, text, wait)
    if text.startswith("<"):
        raise DeliveryUncertainError("Slack's answer is not one of its own")


def _place_of(receipt: str) -> tuple[str, str]:
    """Channel and time of a message of ours; empty for what another way of telling gave, before settings changed."""
    found = _RECEIPT.fullmatch(receipt)
    return (found[1], found[2]) if found else ("", "")


def _receipt(answer: Mapping[str, Any], channel: str) -> Receipt:
    return Receipt(f"{answer.get('channel', channel)}/{answer.get('ts', '')}")


async def _in_parts(
    post: Callable[..., Awaitable[Answered]], body: dict[str, Any], content: Content, wording: Wording
) -> Answered:
    """What Slack answers to the message, or to what is left of it without the parts that it refuses."""
    while True:
        try:
            return await post(**body)
        except PartRefusedError as error:
            part, reason = error.part, str(error)
            if part not in body:
                raise
        _log.warning("slack_refuses_a_part", part=part, reason=reason)
        del body[part]
        if part == "blocks":
            body["text"] = plain_text(content, wording)
        elif part == "thread_ts":
            del body["reply_broadcast"]


def _message(notification: Notification, wording: Wording) -> dict[str, Any]:
    return {
        "text": fallback(notification.content, wording),
        "blocks": blocks(notification.content, wording),
        "metadata": metadata(notification),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def metadata(notification: Notification) -> dict[str, Any]:
    """What Slack keeps with the message, to find it again."""
    payload = {"notification_id": notification.id, "alert_id": notification.alert or ""}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def _is_loud(notification: Notification) -> bool:
    content = notification.content
    return isinstance(content, AlertContent) and content.reason in {Reason.HIGHER_SEVERITY, Reason.REPEAT}
