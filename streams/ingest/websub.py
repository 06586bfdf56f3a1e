"""WebSub (https://www.w3.org/TR/websub/): what to ask a hub for and when, and which of its calls to believe. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from streams.stores.subscriptions import Subscription

LEASE = timedelta(days=10)
"""For how long a subscription is asked for; the hub says how long it is."""

_RENEWED_AFTER = 0.8
_SHORTEST, _LONGEST = timedelta(minutes=5), timedelta(days=90)
_WAITS = (timedelta(), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""Before the next try, after so many that came to nothing."""
_LAST_WORD = timedelta(days=1)
_CHALLENGE = re.compile(r"[\x21-\x7e]{1,1024}")
_ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})
_PROBLEM_LETTERS = 200


class Step(StrEnum):
    """What to do about a subscription now."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    END = "end"  # nothing is to be heard of it any more


@dataclass(frozen=True, slots=True)
class Reply:
    """What a hub that calls is answered, and what changes by its call; `ended` where the subscription does."""

    status: int
    text: str = ""
    changes: Mapping[str, object] | None = None
    ended: bool = False


def next_step(known: Subscription, now: datetime, *, wanted: bool) -> Step | None:
    """What to do now. `wanted` says that pushes are: the source is configured, and neither paused nor retired."""
    waits = _WAITS[min(known.tries, len(_WAITS) - 1)]
    may_ask = known.asked_at is None or now - known.asked_at >= waits
    if wanted:
        if known.asked == "unsubscribe":
            return Step.END
        due = not known.holds(now) or (known.renew_at is not None and known.renew_at <= now)
        return Step.SUBSCRIBE if due and may_ask else None
    if not known.token:
        return None
    if not known.holds(now) or (known.asked == "unsubscribe" and known.asked_at and now - known.asked_at >= _LAST_WORD):
        return Step.END
    return Step.UNSUBSCRIBE if known.asked != "unsubscribe" or may_ask else None


def form_of(known: Subscription, mode: Step, callback: str) -> dict[str, str]:
    """What a hub is sent."""
    form = {"hub.mode": mode.value, "hub.topic": known.topic, "hub.callback": f"{callback}{known.token}"}
    if mode is Step.SUBSCRIBE:
        form |= {"hub.secret": known.secret, "hub.lease_seconds": str(int(LEASE.total_seconds()))}
    return form


def verified(known: Subscription, query: Mapping[str, str], now: datetime) -> Reply:
    """The answer to a hub that asks whether we meant it, or says that it will not (section 5.3).

    What we have not asked for, or for another topic, is denied with 404.
    """
    mode, topic, challenge = query.get("hub.mode", ""), query.get("hub.topic", ""), query.get("hub.challenge", "")
    if mode == "denied" and topic == known.topic:
        reason = "".join(filter(str.isprintable, query.get("hub.reason", "")))[:_PROBLEM_LETTERS]
        problem = f"the hub denies it: {reason or 'without a reason'}"
        return Reply(200, changes={"problem": problem, "until": None, "renew_at": None, "tries": len(_WAITS)})
    if mode != known.asked or topic != known.topic or not _CHALLENGE.fullmatch(challenge):
        return Reply(404, "this was not asked for\n")
    if mode == "unsubscribe":
        return Reply(200, challenge, ended=True)
    lease = _lease_of(query.get("hub.lease_seconds", ""))
    until, renew_at = now + lease, now + _RENEWED_AFTER * lease
    return Reply(200, challenge, changes={"until": until, "renew_at": renew_at, "problem": "", "tries": 0})


def _lease_of(text: str) -> timedelta:
    """As the hub says, within bounds; ours where it says nothing, as hubs of older versions."""
    if not re.fullmatch(r"\d{1,12}", text):
        return LEASE
    return min(_LONGEST, max(_SHORTEST, timedelta(seconds=int(text))))


class Signature:
    """Checks a body, as it comes, against an X-Hub-Signature (section 7.1)."""

    def __init__(self, secret: str, header: str) -> None:
        algorithm, _, self._stated = header.strip().partition("=")
        known = algorithm.lower() in _ALGORITHMS and secret
        self._hmac = hmac.new(secret.encode(), digestmod=algorithm.lower()) if known else None

    def feed(self, chunk: bytes) -> None:
        """The next piece of the body."""
        if self._hmac:
            self._hmac.update(chunk)

    @property
    def right(self) -> bool:
        """Whether the body was signed by who knows the secret."""
        stated = self._stated.strip().lower().encode("ascii", "replace")
        return self._hmac is not None and hmac.compare_digest(self._hmac.hexdigest().encode(), stated)
