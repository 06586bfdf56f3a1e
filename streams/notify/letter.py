"""What is told as a mail message: text and HTML, the same bytes every time it is made. Pure."""

from __future__ import annotations

import re
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from streams.alerts import AlertContent, Notification
from streams.notify.page import page
from streams.notify.render import ENGLISH, plain, sheet
from streams.notify.wording import Wording

_LABEL = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


def letter(notification: Notification, *, sender: str, to: tuple[str, ...], wording: Wording = ENGLISH) -> EmailMessage:
    """The message. Message-ID, Date and boundary follow from the notification, so a repeated attempt is recognised.

    No header can be smuggled in: what comes from outside is put on one line before it becomes a subject, and no
    encoded word (RFC 2047) is left in it, which the header's parser would decode, line breaks and all.
    A mailbox can sort by rule (List-Id, RFC 2919), and knows that nothing is to be sent back.
    """
    parts = sheet(notification.content, wording)
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Marsad", addr_spec=sender)
    message["To"] = ", ".join(to)
    message.set_raw("Subject", _subject(parts.subject))
    message["Date"] = notification.content.seen_at
    message["Message-ID"] = _message_id(notification.id, sender)
    if notification.first:
        message["In-Reply-To"] = message["References"] = _message_id(notification.first, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["List-Id"] = f"<{_list_of(notification)}.marsad.{domain}>"
    message["List-Post"] = "NO"
    message["X-Marsad-Notification"] = notification.id
    if notification.alert:
        message["X-Marsad-Alert"] = notification.alert
    message.set_content(plain(parts), cte="base64")
    message.add_alternative(page(notification.content, wording), subtype="html", cte="base64")
    message["Content-Language"] = wording.language
    message.set_boundary(f"=_{notification.id.replace(':', '_')}")
    return message


def _subject(text: str) -> str:
    """The header's value, encoded and folded (RFC 2047), in lines of at most 76 characters.

    `EmailMessage` would do it, but leaves out or adds a space in one of ten subjects of real news (Python 3.11, where
    an encoded word ends at a space).
    """
    plain_text = text.replace("=?", "= ?")
    charset = "us-ascii" if plain_text.isascii() else "utf-8"
    return Header(plain_text, charset, maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _list_of(notification: Notification) -> str:
    """The rule's id; `notices` or `summaries` for what tells of no rule, `alerts` for an id that is none of ours."""
    content = notification.content
    if not isinstance(content, AlertContent):
        return "summaries" if content.kind == "summary" else "notices"
    rule = content.match.rule
    return rule if _LABEL.fullmatch(rule) else "alerts"


def _message_id(notification: str, sender: str) -> str:
    return f"<{notification.replace(':', '.')}@{sender.rpartition('@')[2]}>"
