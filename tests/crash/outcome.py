"""What a scenario shows from outside, and what has to hold for it whatever happened meanwhile."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there was to see from outside.

    `in_hand`: by receiver, how often a notification was the last sent when its deliverer was killed with SIGKILL.
    `letters` counts messages that could only be put aside.
    """

    status: dict[str, Any]
    alerts: list[dict[str, Any]]
    received: dict[str, list[str]]
    alerting: set[str]
    exits: Counter[tuple[signal.Signals, int]]
    in_hand: dict[str, Counter[str]] = field(default_factory=dict)
    letters: int = 0

    def assert_whole(self) -> None:
        """Every article ended; one alert for each that has one, told to each receiver; each of those arrived.

        None arrived more often than it was attempted.
        """
        entered, alerting = self.status["articles"]["entered"], len(self.alerting)
        statuses = {"alerted": alerting, "no_match": entered - alerting - self.letters}
        statuses |= {"dead_lettered": self.letters} if self.letters else {}
        assert self.status["articles"] == {"entered": entered, "pending": 0, "statuses": statuses}
        assert self.status["outbox"] == {"pending": 0, "leased": 0, "delivered": 2 * alerting, "dead": 0}
        articles = Counter(item["article"]["url"] for alert in self.alerts for item in alert["history"])
        assert articles == Counter(self.alerting)
        attempts = {n["id"]: n["attempts"] for alert in self.alerts for n in alert["notifications"]}
        for receiver, ids in self.received.items():
            listed = [n["id"] for alert in self.alerts for n in alert["notifications"] if n["receiver"] == receiver]
            assert len(listed) == len(set(listed)) == alerting
            assert set(ids) == set(listed)
            assert {id_: times for id_, times in Counter(ids).items() if times > attempts[id_]} == {}

    def duplicates(self, receiver: str) -> Counter[str]:
        """How many messages a receiver got beyond the first of each notification, by notification."""
        ids = self.received[receiver]
        return Counter(ids) - Counter(set(ids))
