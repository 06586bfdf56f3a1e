"""Every metric, by name, in one place. Label values come from closed sets: never a URL, a title or a rule's text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """One worker's metrics in a registry of its own. They count work done, redeliveries included.

    The ledger in Redis counts each article once; `marsad_articles_total` counts each time a stage ended one.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        r = self.registry
        self.articles = Counter("marsad_articles", "Articles that ended here, by status", ["status"], registry=r)
        self.truncated = Counter("marsad_articles_truncated", "Articles whose text was cut", registry=r)
        self.updates = Counter("marsad_updates", "Articles published again because they were changed", registry=r)
        self.lines_left_out = Counter(
            "marsad_lines_left_out", "Lines that a host repeats, left out of its articles", registry=r
        )
        self.messages = Counter("marsad_messages", "Messages handled, by stage", ["stage"], registry=r)
        self.handle_seconds = Histogram(
            "marsad_handle_seconds", "Time to handle one batch", ["stage"], buckets=_FAST, registry=r
        )
        self.dead_letters = Counter("marsad_dead_letters", "Messages put aside", ["stage", "cause"], registry=r)
        self.retries = Counter("marsad_retries", "Batches tried again", ["stage", "cause"], registry=r)
        self.fetches = Counter("marsad_fetches", "Fetches, by kind and outcome", ["kind", "outcome"], registry=r)
        self.fetch_seconds = Histogram("marsad_fetch_seconds", "Time of a fetch", ["kind"], buckets=_SLOW, registry=r)
        self.fetched_bytes = Counter("marsad_fetched_bytes", "Bytes fetched, decompressed", ["kind"], registry=r)
        self.source_troubles = Counter(
            "marsad_source_troubles",
            "Troubles of sources that began and ended",
            ["trouble", "change"],
            registry=r,
        )
        self.pushes = Counter("marsad_pushes", "Calls of hubs with news, by outcome", ["outcome"], registry=r)
        self.matches = Counter("marsad_rule_matches", "Articles on which a rule fired", ["rule"], registry=r)
        self.rulebook = Gauge(
            "marsad_rulebook_info", "1 for the version of the rules in force", ["version"], registry=r
        )
        self.rulebook_reloads = Counter("marsad_rulebook_reloads", "Looks at changed rules", ["outcome"], registry=r)
        self.rulebook_stale = Gauge("marsad_rulebook_stale", "1 while the rules as they are are refused", registry=r)
        self.rulebook_failing = Gauge(
            "marsad_rulebook_failing", "Examples and timelines of the rules in force that do not hold", registry=r
        )
        self.settings_stale = Gauge("marsad_settings_stale", "1 while the settings as they are are refused", registry=r)
        self.decisions = Counter("marsad_decisions", "Alert decisions, by reason", ["reason"], registry=r)
        self.deliveries = Counter("marsad_deliveries", "Attempts, by outcome", ["receiver", "outcome"], registry=r)
        self.delivery_seconds = Histogram(
            "marsad_delivery_seconds", "Time of one attempt", ["receiver"], buckets=_SLOW, registry=r
        )
        self.held = Counter("marsad_held", "Notifications held for the summary of a storm", ["receiver"], registry=r)
        self.circuit_open = Gauge(
            "marsad_circuit_open", "1 while a receiver that fails is left alone", ["receiver"], registry=r
        )
        self.alert_latency_seconds = Histogram(
            "marsad_alert_latency_seconds", "From first sight of the article to delivery", buckets=_SLOW, registry=r
        )
        self.outbox = Gauge("marsad_outbox_entries", "Notifications not yet delivered", registry=r)
        self.stage_ready = Gauge("marsad_stage_ready", "1 when the stage makes progress", ["stage"], registry=r)
        self.stopped_partitions = Gauge(
            "marsad_stopped_partitions", "Partitions stopped by a newer schema", ["stage"], registry=r
        )
