"""A Slack that answers at random: takes a message, asks to wait, fails, hangs, or takes it and drops the connection."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from aiohttp import web

from deploy.sample.slack_standin import Answer, SlackStandin

MOODS: dict[str, tuple[float, Answer | None]] = {
    "ok": (70, None),
    "429": (8, Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})),
    "500": (6, Answer(500, "no")),
    "500, taken": (4, Answer(500, "no", recorded=True)),
    "hang": (2, Answer(hang=True)),
    "hang, taken": (2, Answer(hang=True, recorded=True)),
    "drop": (3, Answer(drop=True)),
    "drop, taken": (5, Answer(drop=True, recorded=True)),
}
"""How often of a hundred, and what."""
NO_HISTORY = 0.1
"""One question in so many is not answered either."""


class MoodySlack(SlackStandin):
    """`answers` counts how it answered; `calm` makes it a Slack as it should be."""

    def __init__(self, random: Random, *, token: str) -> None:
        super().__init__(token=token)
        self.calm = False
        self.answers: Counter[str] = Counter()
        self._random = random

    async def _post(self, request: web.Request, message: dict[str, Any], accepted: Any) -> web.StreamResponse:
        names, weights = list(MOODS), [weight for weight, _ in MOODS.values()]
        mood = "ok" if self.calm else self._random.choices(names, weights)[0]
        self.answers[mood] += 1
        self.usual = MOODS[mood][1]
        return await super()._post(request, message, accepted)

    async def _on_question(self, request: web.Request) -> web.StreamResponse:
        if not self.calm and self._random.random() < NO_HISTORY:
            self.answers["no history"] += 1
            return web.Response(status=500, text="no")
        return await super()._on_question(request)
