"""One send of a claimed notification, and what came of it: whatever a notifier raises is an answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from streams.alerts import Content, Notification, Revision, Summary
from streams.errors import (
    DeliveryDeferredError,
    DeliveryError,
    DeliveryRefusedError,
    DeliveryUncertainError,
    EngineAwayError,
    MalformedMessageError,
)
from streams.notify.notifier import Earlier, Notifier
from streams.stores.outbox import Claim
from streams.stores.tellings import Tellings


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt, or a failure; `ours` where the receiver has nothing to do with it. `content` is what was sent.

    `missed` is the receipt's.
    """

    receipt: str = ""
    missed: str = ""
    failure: DeliveryError | None = None
    ours: bool = False
    content: Content | None = None


async def try_once(claim: Claim, notifier: Notifier | None, tellings: Tellings, *, timeout: timedelta) -> Answer:  # noqa: ASYNC109  # it is an answer, not an error
    """Send the claimed notification, for `timeout` at most; without a notifier it is refused."""
    if notifier is None:
        error = f"no receiver is called {claim.receiver!r} in the configuration"
        return Answer(failure=DeliveryRefusedError(error), ours=True)
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            return await _send(await _complete(claim, tellings), claim, notifier)
    except DeliveryError as error:
        return Answer(failure=error)
    except TimeoutError:
        return Answer(failure=DeliveryUncertainError(f"no answer within {timeout.total_seconds():.0f} s"))
    except (MalformedMessageError, EngineAwayError) as error:
        # A later release may have written it and read it; Redis comes back.
        return Answer(failure=DeliveryDeferredError(str(error)), ours=True)
    except Exception as error:  # noqa: BLE001  # a notifier's bug: said by its name alone, for texts hold secrets
        text = f"internal error {type(error).__name__}{_where(error)}"
        return Answer(failure=DeliveryUncertainError(text), ours=True)


async def _send(item: Notification, claim: Claim, notifier: Notifier) -> Answer:
    if isinstance(item.content, Revision) and not item.content.told:
        return Answer("nothing to edit any more", ours=True, content=item.content)
    if isinstance(item.content, Revision) and not notifier.edits:
        return Answer(failure=DeliveryRefusedError("what told it first could be edited, this cannot"), ours=True)
    earlier = Earlier(claim.uncertain, claim.tried_at, claim.first_receipt, claim.reached)
    receipt = await notifier.send(item, earlier)
    return Answer(receipt.text, receipt.missed, content=item.content)


async def _complete(claim: Claim, tellings: Tellings) -> Notification:
    """What to send, with what it tells of besides itself.

    Raises:
        MalformedMessageError: this release cannot read it.
        EngineAwayError: Redis cannot serve now.
    """
    item = claim.notification
    match item.content:
        case Summary() as summary:
            return item.model_copy(update={"content": await tellings.summary(item.id, summary)})
        case Revision() as revision:
            return item.model_copy(update={"content": await tellings.revision(revision, item.receiver, item.first)})
        case _:
            return item


def _where(error: BaseException) -> str:
    """File and line of the innermost frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
