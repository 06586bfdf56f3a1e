"""What to ask a hub for and when, and which of its calls to believe."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.feeds import read_feed
from streams.ingest.websub import LEASE, Reply, Signature, Step, form_of, next_step, verified
from streams.stores.subscriptions import Subscription
from tests.support.newsroom import NOON

HUB, TOPIC = "https://hub.example/", "https://a.example/feed"
NEW = Subscription(hub=HUB, topic=TOPIC)
ASKED = NEW.model_copy(update={"token": "t", "secret": "s", "asked": "subscribe", "asked_at": NOON, "tries": 1})
HELD = ASKED.model_copy(update={"until": NOON + LEASE, "renew_at": NOON + 0.8 * LEASE, "tries": 0})
LEAVING = HELD.model_copy(update={"asked": "unsubscribe", "tries": 1})
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("known", "after", "wanted", "step"),
    [
        (NEW, 0 * HOUR, True, Step.SUBSCRIBE),
        (NEW, 0 * HOUR, False, None),
        (ASKED, timedelta(minutes=9), True, None),
        (ASKED, timedelta(minutes=10), True, Step.SUBSCRIBE),
        (ASKED, 0 * HOUR, False, Step.END),
        (HELD, 0 * HOUR, True, None),
        (HELD, 0.8 * LEASE, True, Step.SUBSCRIBE),
        (HELD, LEASE, True, Step.SUBSCRIBE),
        (HELD, 0 * HOUR, False, Step.UNSUBSCRIBE),
        (HELD, LEASE, False, Step.END),
        (LEAVING, timedelta(minutes=9), False, None),
        (LEAVING, HOUR, False, Step.UNSUBSCRIBE),
        (LEAVING, 24 * HOUR, False, Step.END),
        (LEAVING, 0 * HOUR, True, Step.END),
    ],
)
def test_each_state_has_its_next_step(
    known: Subscription, after: timedelta, *, wanted: bool, step: Step | None
) -> None:
    """Asked for, renewed before it ends, given back, and forgotten."""
    assert next_step(known, NOON + after, wanted=wanted) is step


def test_a_secret_goes_along_when_it_is_needed() -> None:
    """Not with the end of a subscription."""
    begin, end = (form_of(HELD, step, "https://me.example/websub/") for step in (Step.SUBSCRIBE, Step.UNSUBSCRIBE))
    assert begin == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://me.example/websub/t",
        "hub.secret": "s",
        "hub.lease_seconds": "864000",
    }
    assert end == {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.callback": "https://me.example/websub/t"}


@pytest.mark.parametrize(
    ("stated", "lease"),
    [
        ("3600", HOUR),
        ("0", timedelta(minutes=5)),
        ("99999999999", timedelta(days=90)),
        ("-5", LEASE),
        ("", LEASE),
        ("soon", LEASE),
        ("9" * 400, LEASE),
    ],
)
def test_a_lease_is_the_hubs_within_bounds(stated: str, lease: timedelta) -> None:
    """Ours where it says none that is one."""
    query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": stated}
    changes = verified(ASKED, query, NOON).changes or {}
    assert (changes["until"], changes["renew_at"]) == (NOON + lease, NOON + 0.8 * lease)


@given(st.dictionaries(st.sampled_from(["hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds"]), st.text()))
def test_nothing_but_the_right_question_is_confirmed(query: dict[str, str]) -> None:
    """Fuzzed: no other call begins or ends anything."""
    assert verified(HELD, query | {"hub.topic": query.get("hub.topic", "") + "x"}, NOON).status == 404
    assert verified(NEW, query, NOON) == Reply(404, "this was not asked for\n")


@given(
    st.lists(st.binary(max_size=40), max_size=5), st.text(max_size=80), st.sampled_from(["sha256", "sha384", "sha512"])
)
def test_only_who_knows_the_secret_signs_rightly(pieces: list[bytes], other: str, digest: str) -> None:
    """Whatever else stands in the header, and however the body is cut."""
    stated = f"{digest}={hmac.new(b'secret', b''.join(pieces), digest).hexdigest()}"
    for header, right in ((stated, True), (stated.upper(), True), (other, False), (stated[:-1], False), ("", False)):
        signature = Signature("secret", header)
        for piece in pieces:
            signature.feed(piece)
        assert signature.right is right
    assert not Signature("", f"sha256={hmac.new(b'', b'', 'sha256').hexdigest()}").right


def test_feeds_name_their_hubs() -> None:
    """RSS and Atom by links, JSON Feed by a list."""
    links = f'<link rel="hub" href="{HUB}"/><link rel="self" href="/feed"/>'
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom">{links}<entry><id>a</id></entry></feed>'
    hubs = [{"type": "rssCloud", "url": "https://other.example/"}, {"type": "WebSub", "url": HUB}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "feed_url": TOPIC, "hubs": hubs, "items": [{"id": "1"}]}
    for raw in (atom.encode(), json.dumps(feed).encode()):
        read = read_feed(raw, "https://a.example/x")
        assert (read.hub, read.topic) == (HUB, TOPIC)
    none = read_feed(b"<rss><channel><item><title>A</title></item></channel></rss>", TOPIC)
    assert (none.hub, none.topic) == (None, None)
