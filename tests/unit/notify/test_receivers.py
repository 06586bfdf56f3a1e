"""The configured receivers become notifiers, or every reason why not is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.notify.mail import Mail
from streams.notify.receivers import build
from streams.notify.slack import Slack, SlackWebhook
from streams.settings import MailReceiver, ReceiverSettings, Secrets, SlackReceiver, SlackWebhookReceiver

DESK = ReceiverSettings(name="desk", slack=SlackReceiver(channel="#desk"))
HOOK = ReceiverSettings(name="hook", slack_webhook=SlackWebhookReceiver())
POST = ReceiverSettings(
    name="post", mail=MailReceiver(to=("a@x.org",), sender="m@x.org", host="mail.x.org", username="marsad")
)
SECRETS = {"MARSAD_SLACK_TOKEN": "t", "MARSAD_SLACK_WEBHOOK": "https://x", "MARSAD_SMTP_PASSWORD": "p"}


def test_each_way_has_its_notifier() -> None:
    """By the receiver's name, in the configuration's order."""
    built = build([DESK, HOOK, POST], Secrets(SECRETS))
    assert {name: type(notifier) for name, notifier in built.items()} == {
        "desk": Slack,
        "hook": SlackWebhook,
        "post": Mail,
    }


def test_every_missing_secret_is_named_at_once() -> None:
    """Three receivers, three variables."""
    with pytest.raises(ConfigurationError) as caught:
        build([DESK, HOOK, POST], Secrets({}))
    assert [problem.file for problem in caught.value.problems] == sorted(SECRETS)


def test_a_certificate_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Missing or not certificates: the problem stands under the file's name."""
    path = tmp_path / "ca.pem"
    mail = MailReceiver(to=("a@x.org",), sender="m@x.org", host="mail.x.org", ca_file=path)
    for prepare in (lambda: None, lambda: path.write_text("no certificate", encoding="utf-8")):
        prepare()
        with pytest.raises(ConfigurationError, match="no usable certificates") as caught:
            build([ReceiverSettings(name="post", mail=mail)], Secrets({}))
        assert caught.value.problems[0].file == str(path)
