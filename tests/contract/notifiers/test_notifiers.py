"""What every notifier promises, against servers that speak the real protocols."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.sample import mail_standin
from deploy.sample.mail_standin import MailStandin
from deploy.sample.slack_standin import Answer, SlackStandin
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.notify.mail import Mail, Server
from streams.notify.notifier import Notifier
from streams.notify.slack import Slack, SlackWebhook
from streams.notify.webhook import Webhook
from tests.support.alerting import notification
from tests.support.mail import LOGIN, mail
from tests.support.ports import free_port
from tests.support.slack import TOKEN, slack
from tests.support.webhook import PATH, WebhookStandin, webhook

KINDS = ("slack", "slack_webhook", "mail", "webhook")
"""Every notifier that has a secret."""
TROUBLES: dict[str, tuple[Answer, str, type[DeliveryError]]] = {
    "asked to wait": (Answer(429, headers={"Retry-After": "30"}), "451 try again later", DeliveryDeferredError),
    "refused": (Answer(400, "invalid_payload"), "554 we do not like it", DeliveryRefusedError),
    "taken, then cut off": (Answer(recorded=True, drop=True), mail_standin.DROP, DeliveryUncertainError),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A notifier and the stand-in that it sends to."""

    notifier: Notifier
    sink: SlackStandin | MailStandin | WebhookStandin
    secret: str
    make: Callable[[int], Notifier] = field(repr=False)

    def script(self, answer: Answer, reply: str) -> None:
        """What the stand-in answers next."""
        if isinstance(self.sink, MailStandin):
            self.sink.script.append(reply)
        else:
            self.sink.script.append(answer)


@contextlib.asynccontextmanager
async def pair_of(kind: str) -> AsyncIterator[Pair]:
    """A running stand-in with a notifier for it."""
    async with contextlib.AsyncExitStack() as stack:
        if kind == "mail":
            post = await stack.enter_async_context(mail(login=LOGIN))

            def make(port: int) -> Notifier:
                server = Server("127.0.0.1", port, "none", username=LOGIN[0], password=SecretStr(LOGIN[1]))
                return Mail(server, sender="marsad@example.org", to=("desk@example.org",))

            yield Pair(make(post.port), post, LOGIN[1], make)
            return
        if kind == "webhook":
            hook = await stack.enter_async_context(webhook())
            key = SecretStr("a-key-that-signs")

            def make_webhook(port: int) -> Notifier:
                return Webhook(url=SecretStr(f"http://127.0.0.1:{port}{PATH}"), secret=key)

            mine = make_webhook(hook.port)
            stack.push_async_callback(mine.close)
            yield Pair(mine, hook, "s3cret-path", make_webhook)
            return
        chat = await stack.enter_async_context(slack())

        def make_slack(port: int) -> Notifier:
            if kind == "slack":
                return Slack(channel="#desk", token=SecretStr(TOKEN), api=f"http://127.0.0.1:{port}/api/")
            return SlackWebhook(url=SecretStr(f"http://127.0.0.1:{port}/services/T0/B0/{TOKEN}"))

        notifier = make_slack(chat.port)
        stack.push_async_callback(notifier.close)
        yield Pair(notifier, chat, TOKEN, make_slack)


@pytest.fixture(params=KINDS)
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    async with pair_of(request.param) as found:
        yield found


async def test_it_delivers_with_the_notifications_id(pair: Pair) -> None:
    """The sink has one message, which carries the id that makes it recognisable."""
    receipt = await pair.notifier.send(notification(5))
    assert pair.sink.notification_ids == [notification(5).id]
    assert receipt.text


async def test_a_check_tells_nobody(pair: Pair) -> None:
    """Somebody answers, and the receiver gets no message."""
    assert await pair.notifier.check()
    assert pair.sink.received == []


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_failure_says_what_it_means(pair: Pair, trouble: str) -> None:
    """Later, never, or perhaps; and it was tried exactly once."""
    answer, reply, error = TROUBLES[trouble]
    pair.script(answer, reply)
    with pytest.raises(error):
        await pair.notifier.send(notification())
    assert len(pair.sink.received) == (1 if error is DeliveryUncertainError else 0)


async def test_after_a_failure_it_can_send_again(pair: Pair) -> None:
    """No broken connection is kept."""
    pair.script(Answer(drop=True), mail_standin.DROP)
    with pytest.raises(DeliveryUncertainError):
        await pair.notifier.send(notification(1))
    await pair.notifier.send(notification(2))
    assert pair.sink.notification_ids[-1] == notification(2).id


async def test_nobody_listening_is_certainly_not_delivered(pair: Pair) -> None:
    """A refused connection is tried again later."""
    notifier = pair.make(free_port())
    for call in (notifier.send(notification()), notifier.check()):
        with pytest.raises(DeliveryDeferredError, match="cannot be reached"):
            await call
    await notifier.close()


async def test_a_wrong_secret_is_refused(pair: Pair) -> None:
    """Trying again would not help."""
    sink = pair.sink
    match sink:
        case SlackStandin():
            sink._token = "another"
        case MailStandin():
            sink._login = ("marsad", "another")
        case WebhookStandin():
            sink.path = "/another"
    for call in (pair.notifier.send(notification()), pair.notifier.check()):
        with pytest.raises(DeliveryRefusedError):
            await call
    assert sink.received == []


async def test_closing_is_safe_at_any_time(pair: Pair) -> None:
    """Twice, and before sending again."""
    await pair.notifier.close()
    await pair.notifier.close()
    await pair.notifier.send(notification())
    assert len(pair.sink.received) == 1


async def test_no_secret_is_ever_told(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Not in errors with all that hangs on them, not in logs at their loudest, not in reprs."""
    caplog.set_level(logging.DEBUG)
    told = [repr(pair.notifier), str(pair.notifier)]
    dead = pair.make(free_port())
    for answer, reply, _ in TROUBLES.values():
        pair.script(answer, reply)
        told += [await failure_of(pair.notifier)]
    told += [await failure_of(dead), (await pair.notifier.send(notification())).text, await pair.notifier.check()]
    await dead.close()
    for text in [*told, caplog.text]:
        assert pair.secret not in text


async def test_a_secret_that_is_no_address_is_not_told_either() -> None:
    """A webhook's address that does not parse."""
    notifier = SlackWebhook(url=SecretStr("http://[not-an-address/secret"))
    assert "secret" not in await failure_of(notifier)
    await notifier.close()


async def failure_of(notifier: Notifier) -> str:
    """All that can be read from the error of a send."""
    with pytest.raises(DeliveryError) as caught:
        await notifier.send(notification())
    return "\n".join(_everything(caught.value))


def _everything(error: BaseException | None) -> Iterator[str]:
    """The error, its traceback, its attributes, and those of every error behind it, shown or not."""
    while error is not None:
        yield repr(error)
        yield "".join(traceback.format_exception(error))
        attributes: dict[str, Any] = vars(error)
        yield repr(attributes)
        error = error.__cause__ or error.__context__
