"""A webhook of one's own: what it is sent, that it can check who sends, and what its answers mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploy.sample.slack_standin import Answer
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.notify.webhook import Webhook, signature
from tests.support.alerting import NOON, notification
from tests.support.webhook import PATH, WebhookStandin, webhook

KEY = "whsec_" + base64.b64encode(b"twenty-four bytes of key").decode()


@pytest.fixture
async def standin() -> AsyncIterator[WebhookStandin]:
    async with webhook() as running:
        yield running


@pytest.fixture
async def notifier(standin: WebhookStandin) -> AsyncIterator[Webhook]:
    url = SecretStr(f"http://127.0.0.1:{standin.port}{PATH}")
    made = Webhook(url=url, secret=SecretStr(KEY), clock=lambda: NOON)
    yield made
    await made.close()


async def test_it_is_sent_everything_and_can_check_who_sends(standin: WebhookStandin, notifier: Webhook) -> None:
    """The signature is that of Standard Webhooks; the id is the same at every attempt."""
    for _ in range(2):
        await notifier.send(notification())
    body, headers = standin.bodies[0], standin.headers[0]
    told = json.loads(body)
    assert (told["id"], told["type"], told["receiver"]) == (notification().id, "alert", "desk")
    assert told["data"]["match"]["slots"]["where"] == ["إدلب"]
    assert "باقري" in told["text"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"twenty-four bytes of key", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert int(headers["webhook-timestamp"]) == NOON.timestamp()
    assert {each["webhook-id"] for each in standin.headers} == {notification().id}
    assert {each["idempotency-key"] for each in standin.headers} == {f'"{notification().id}"'}


def test_the_signature_is_that_of_the_specification() -> None:
    """The example that its libraries are tested with (standardwebhooks.com, spec, 1.0)."""
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    told = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_without_a_key_it_is_not_signed(standin: WebhookStandin) -> None:
    """The id goes along all the same."""
    notifier = Webhook(url=SecretStr(f"http://127.0.0.1:{standin.port}{PATH}"))
    await notifier.send(notification())
    await notifier.close()
    assert "webhook-signature" not in standin.headers[0]
    assert standin.notification_ids == [notification().id]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answer(301, headers={"Location": "/elsewhere"}), DeliveryRefusedError, "write the new address"),
        (Answer(410), DeliveryRefusedError, "HTTP 410"),
        (Answer(422), DeliveryRefusedError, "HTTP 422"),
        (Answer(408), DeliveryUncertainError, "HTTP 408"),
        (Answer(500), DeliveryUncertainError, "HTTP 500"),
        (Answer(503, headers={"Retry-After": "60"}), DeliveryDeferredError, "asks to wait"),
        (Answer(429), DeliveryDeferredError, "asks to wait"),
    ],
)
async def test_what_its_answers_mean(
    standin: WebhookStandin, notifier: Webhook, answer: Answer, error: type[DeliveryError], said: str
) -> None:
    """A redirect is not followed: what is sent is for the address that was configured."""
    standin.script.append(answer)
    with pytest.raises(error, match=said) as caught:
        await notifier.send(notification())
    assert getattr(caught.value, "everything", False) == (answer.status in {301, 410})
    if answer.headers.get("Retry-After"):
        assert isinstance(caught.value, DeliveryDeferredError)
        assert caught.value.retry_after == timedelta(seconds=60)
