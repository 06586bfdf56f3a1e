"""Configuration, slots, dead letters' size, pauses, log lines: the engine's small parts."""

from __future__ import annotations

import itertools
import logging
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from streams.errors import EngineError, SlotTakenError, TopicError
from streams.messages import Codec, DeadCause, DeadLetter
from streams.ports import Record
from streams.topics import TopicSpec
from streams.transports.backoff import pauses
from streams.transports.client_logs import RateLimited
from streams.transports.dead_letters import cut_to, dead_letter
from streams.transports.engine_config import EngineConfig, KafkaSecurity, SecurityProtocol
from streams.transports.kafka_client import client_options
from streams.transports.kafka_transport import credentials
from streams.transports.slot import HostLock
from streams.transports.topic_admin import refuse_mismatches

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def config(url: str, **changes: object) -> EngineConfig:
    """A configuration with this URL."""
    return EngineConfig(broker_url=url, data_dir=Path("/nowhere"), host="h", **changes)  # type: ignore[arg-type]


def test_a_sqlite_url_names_a_file() -> None:
    """Three slashes and a relative path, four for an absolute one."""
    assert config("sqlite:///data/log.db").sqlite_path == Path("data/log.db")
    assert config("sqlite:////var/log.db").sqlite_path == Path("/var/log.db")


def test_a_kafka_url_names_servers() -> None:
    """Several servers, with and without a port."""
    assert config("kafka://a:1,b").kafka_servers == ["a:1", "b:9092"]


@pytest.mark.parametrize("url", ["", "kafka://", "redis://x", "sqlite:///", "log.db"])
def test_another_url_is_refused(url: str) -> None:
    """The error says which two forms there are."""
    with pytest.raises(EngineError, match=r"neither sqlite:///.* nor kafka://"):
        config(url)


def test_a_slot_that_cannot_be_part_of_an_id_is_refused() -> None:
    """Kafka and file names both have to take it."""
    with pytest.raises(EngineError, match="may only have letters"):
        config("kafka://a", slot="a/b")


def test_a_password_is_in_no_repr() -> None:
    """Printing a configuration shows no secret."""
    security = KafkaSecurity(SecurityProtocol.SASL_SSL, username="u", password=SecretStr("hush"))
    assert "hush" not in repr(config("kafka://a", security=security))


def test_sasl_and_tls_reach_both_kinds_of_client(tmp_path: Path) -> None:
    """Faust's credentials and aiokafka's options say the same, with the given authority."""
    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    security = KafkaSecurity(SecurityProtocol.SASL_SSL, username="u", password=SecretStr("hush"), ca_file=authority)
    options = client_options(config("kafka://a:1", security=security))
    assert isinstance(options["ssl_context"], ssl.SSLContext)
    assert (options["security_protocol"], options["sasl_plain_password"]) == ("SASL_SSL", "hush")
    found = credentials(security)
    assert found is not None
    assert found.protocol.value == "SASL_SSL"


def test_a_missing_authority_is_named() -> None:
    """The error names the file."""
    with pytest.raises(EngineError, match=r"nowhere\.pem"):
        KafkaSecurity(SecurityProtocol.SSL, ca_file=Path("/nowhere.pem")).ssl_context()


def test_a_lock_is_free_again_after_release(tmp_path: Path) -> None:
    """Taken twice at a time is refused with the holder's pid; one after the other is not."""
    first = HostLock(tmp_path / "a" / "slot.lock", "slot 1").acquire()
    with pytest.raises(SlotTakenError, match=f"slot 1 is in use by process {os.getpid()}"):
        HostLock(tmp_path / "a" / "slot.lock", "slot 1").acquire()
    first.release()
    HostLock(tmp_path / "a" / "slot.lock", "slot 1").acquire().release()


def test_every_topic_problem_is_told_at_once() -> None:
    """Missing topics and wrong counts are in one error, each with what to do."""
    specs = [TopicSpec(name, 4, timedelta(days=1)) for name in ("a", "b", "c")]
    with pytest.raises(TopicError, match=r"missing: a; make them .*; topic b has 2 partitions, .* says 4"):
        refuse_mismatches(specs, {"b": 2, "c": 4})


def test_a_cut_letter_fits() -> None:
    """A letter about a record near the limit is cut to fit, and what is left of the value still decodes."""
    record = Record("t", 0, 7, b"k", b"\xff" * 999_000)
    letter = dead_letter(record, stage="match", cause=DeadCause.MALFORMED, detail="ب" * 5_000, seen_at=NOON)
    cut = cut_to(letter, 1_000_000)
    assert len(Codec(DeadLetter).encode(cut)) < 1_000_000
    assert (cut.cut, len(cut.value) % 4, cut.id) == (True, 0, "t/0/7")


def test_pauses_grow_to_a_limit() -> None:
    """Without jitter each pause is twice the one before, up to the longest."""
    assert list(itertools.islice(pauses(first=1, longest=5, jitter=lambda: 1.0), 4)) == [1, 2, 4, 5]


def test_equal_lines_are_held_back_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Of 100 equal lines one passes; the next one, a minute later, says how many there were."""
    now = [0.0]
    handler = RateLimited(timedelta(seconds=60), clock=lambda: now[0])
    line = logging.LogRecord("aiokafka", logging.ERROR, "", 0, "no node %s", ("1",), None)
    for _ in range(100):
        handler.emit(logging.makeLogRecord(line.__dict__))
    now[0] = 61
    handler.emit(logging.makeLogRecord(line.__dict__))
    assert [record.getMessage() for record in caplog.records] == ["no node 1", "no node 1 (and 99 more like it)"]
