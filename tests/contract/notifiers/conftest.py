"""Deliveries whose time stands still until a test moves it."""

from __future__ import annotations

import pytest

from streams.notify.delivery import Chances, Delivery
from streams.observe.metrics import Metrics
from streams.stores.outbox import Outbox
from tests.support.sinks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def delivery(outbox: Outbox, clock: Clock) -> Delivery:
    return Delivery(outbox, Metrics(), operators="ops", chances=Chances(clock, lambda: 0.0))
