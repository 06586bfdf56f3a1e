"""What Slack's answers mean. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.errors import (
    DeliveryDeferredError,
    DeliveryError,
    DeliveryRefusedError,
    DeliveryUncertainError,
)
from streams.notify.http import NOT_THERE, OK, SERVER_ERROR, TIMED_OUT, TOO_MANY
from streams.retry_after import parse_retry_after

_WORD = re.compile(r"[a-z][a-z0-9_]{1,60}")
_REDIRECTS = range(300, 400)
_LATER = frozenset({"ratelimited", "rate_limited"})
_PERHAPS = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Answers after which, by Slack's documentation, part of the operation may have succeeded."""
_EVERYTHING = frozenset(
    {
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"),
        *("org_login_required", "ekm_access_denied", "missing_scope", "not_allowed_token_type", "access_denied"),
        *("channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "restricted_action"),
        *("no_service", "no_team", "team_disabled", "invalid_token", "action_prohibited", "user_not_found"),
        *("restricted_action_read_only_channel", "restricted_action_thread_only_channel", "team_access_not_granted"),
        *("message_limit_exceeded", "team_added_to_org", "external_channel_migrating", "enterprise_is_restricted"),
        *("two_factor_setup_required", "team_not_found", "messages_tab_disabled", "channel_type_not_supported"),
        *("no_active_hooks", "posting_to_general_channel_denied", "posting_to_channel_denied", "accesslimited"),
        *("deprecated_endpoint", "method_deprecated", "unknown_method"),
    }
)
"""Answers that are not about a message: token, scopes, workspace, channel or webhook
(https://docs.slack.dev/reference/methods/chat.postMessage,
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""
_PARTS = {
    **dict.fromkeys(("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"), "blocks"),
    **dict.fromkeys(("cannot_reply_to_message", "thread_not_found", "invalid_thread_ts"), "thread_ts"),
    **dict.fromkeys(("restricted_action_thread_locked", "restricted_action_non_threadable_channel"), "thread_ts"),
    **dict.fromkeys(("invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"), "metadata"),
    "metadata_must_be_sent_from_app": "metadata",
}
"""Answers that are about one part of a message, which can be sent without it."""


class PartRefusedError(DeliveryRefusedError):
    """Slack refuses a `part` of the message's JSON: without it the message may be taken."""

    def __init__(self, message: str, *, part: str) -> None:
        self.part = part
        super().__init__(message)


def from_answer(response: Any) -> DeliveryError:
    """What an answer that is not `ok` means. The SDK gives its own response, or aiohttp's where that was not JSON."""
    status: int = response.status_code if hasattr(response, "status_code") else response.status
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    wait = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
    if code in _LATER:
        status = TOO_MANY
    elif status == OK and not code:
        return DeliveryUncertainError("Slack's answer is not one of its own")
    elif status == OK and code in _PERHAPS:
        status = SERVER_ERROR
    return from_status(status, code, wait)


def from_status(status: int, text: str, wait: timedelta | None) -> DeliveryError:
    """What a status and the word beside it mean, and how long Slack asks to wait."""
    word = text if _WORD.fullmatch(text) else f"HTTP {status}"
    if status == TOO_MANY:
        return DeliveryDeferredError("Slack asks to wait (429)", retry_after=wait)
    if status >= SERVER_ERROR or status == TIMED_OUT:
        return DeliveryUncertainError(f"Slack had an error of its own: {word}")
    # What has no word of Slack's was said by something that stands before it, or where it was looked for.
    if word in _EVERYTHING or (word != text and (status in NOT_THERE or status in _REDIRECTS)):
        return DeliveryRefusedError(f"Slack refuses us: {word}", everything=True)
    if word in _PARTS:
        return PartRefusedError(f"Slack refuses the message: {word}", part=_PARTS[word])
    return DeliveryRefusedError(f"Slack refuses the message: {word}")
