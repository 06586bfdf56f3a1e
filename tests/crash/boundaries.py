"""The boundaries between the steps of the pipeline, at each of which a worker can be killed, and the worker that is.

A boundary is a call that has an effect outside the process, or takes something in hand. The worker is the real command;
the call is wrapped from outside, so that nothing of this is in the package:

    python -m tests.crash.boundaries alert.write after run --config marsad.yaml

runs `marsad run --config marsad.yaml` and ends with SIGKILL when the call first comes back (`before`: is first made).
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["before", "after"]
SIDES: tuple[Side, ...] = ("before", "after")


@dataclass(frozen=True, slots=True)
class Boundary:
    """One call: where it is, and when it counts. `stage` is the stage that makes it.

    `given` looks at the call's arguments, `found` at its answer: before the call it cannot be known.
    """

    stage: str
    module: str
    owner: str
    method: str
    given: Callable[..., bool] = lambda *_args, **_words: True
    found: Callable[[Any], bool] = lambda _answer: True


def _topic(name: str) -> Callable[..., bool]:
    return lambda _self, topic, *_: str(topic).endswith(name)


def _moved(stage: str) -> Callable[..., bool]:
    def given(consumer: Any, *_args: Any, **_words: Any) -> bool:
        return consumer.app.conf.id.endswith(stage) and bool(consumer.flow.offsets.uncommitted())

    return given


def _is(name: str) -> Callable[[Any], bool]:
    return lambda answer: type(answer).__name__ == name


_SOURCES, _PUBLISHER = ("streams.stores.sources", "SourceStore"), ("streams.transports.publisher", "StagePublisher")
_CONSUMER, _LEDGER = ("streams.transports.faust_app", "LedgerConsumer"), ("streams.stores.ledger", "RedisLedger")

BOUNDARIES = {
    "source.record": Boundary("ingest", *_SOURCES, "record"),
    "entry.claim": Boundary("ingest", *_SOURCES, "claim", found=_is("Pending")),
    "article.enter": Boundary("ingest", *_LEDGER, "enter"),
    "article.publish": Boundary("ingest", *_PUBLISHER, "publish", given=_topic("articles")),
    "entry.finish": Boundary("ingest", *_SOURCES, "finish"),
    "match.publish": Boundary("match", *_PUBLISHER, "publish", given=_topic("matches")),
    "no_match.finish": Boundary("match", *_LEDGER, "finish"),
    "match.commit": Boundary("match", *_CONSUMER, "force_commit", given=_moved("match")),
    "letter.publish": Boundary("match", *_PUBLISHER, "publish", given=_topic("dead-letters")),
    "letter.note": Boundary("match", "streams.stages", "Stages", "_ended_dead"),
    "story.place": Boundary("alert", "streams.stores.stories", "Stories", "place"),
    "alert.write": Boundary("alert", "streams.stores.alerts", "AlertStore", "_write"),
    "alert.commit": Boundary("alert", *_CONSUMER, "force_commit", given=_moved("alert")),
    "notification.claim": Boundary("notify", "streams.stores.outbox", "Outbox", "claim", found=_is("Claim")),
    "message.send": Boundary("notify", "streams.notify.delivery", "Delivery", "send"),
    "outcome.record": Boundary("notify", "streams.stores.outbox", "Outbox", "settle"),
    "delivery.log": Boundary("notify", "streams.stores.deliveries", "Deliveries", "logged"),
    "redis.claim": Boundary("start", "streams.guard", "Guard", "claim"),
    "engine.start": Boundary("start", "streams.transports.engine", "StageEngine", "start"),
}
"""In the order in which an article meets them, and a worker when it starts."""


def kill_at(boundary: Boundary, side: Side) -> None:
    """Wrap the call so that this process ends there."""
    owner = getattr(importlib.import_module(boundary.module), boundary.owner)
    call = getattr(owner, boundary.method)

    async def wrapped(*args: Any, **words: Any) -> Any:
        counts = boundary.given(*args, **words)
        if side == "before" and counts:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await call(*args, **words)
        if counts and boundary.found(answer):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, boundary.method, wrapped)


def _main() -> None:
    from streams.cli.main import main

    name, side, *command = sys.argv[1:]
    kill_at(BOUNDARIES[name], "before" if side == "before" else "after")
    sys.argv = ["marsad", *command]
    main()


if __name__ == "__main__":
    _main()
