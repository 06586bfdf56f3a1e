"""A broker that asks for TLS and a password, with the settings that an operator writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from streams.engines import engine_config
from streams.errors import EngineAwayError, EngineError
from streams.settings import Secrets, Settings
from streams.transports.client_logs import limit_client_logs
from streams.transports.engine_config import EngineConfig
from tests.support.kafka import Kafka
from tests.support.secured_kafka import PASSWORD, USER
from tests.support.transports import NOTES, Install, note, running, until


def config(
    kafka: Kafka, folder: Path, *, password: str = PASSWORD, ca_file: Path | None, mechanism: str = "PLAIN"
) -> EngineConfig:
    """The broker as `engines` of marsad.yaml names it."""
    engines = {
        "broker": kafka.secured_url,
        "data": str(folder),
        "prefix": kafka.prefix(),
        "kafka": {"security": "SASL_SSL", "sasl_mechanism": mechanism, "username": USER, "ca_file": ca_file},
    }
    settings = Settings.model_validate({"engines": engines})
    return engine_config(settings, Secrets({"MARSAD_KAFKA_PASSWORD": password}))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_topics_are_made_and_messages_pass_over_tls_with_a_password(
    kafka: Kafka, tmp_path: Path, mechanism: str
) -> None:
    """Every client of ours: the one that makes topics, the reader, the producer and the consumer."""
    kafka.start()
    secured = config(kafka, tmp_path, ca_file=kafka.authority, mechanism=mechanism)
    install = Install(secured, secured.group_prefix)
    await install.create()
    async with running(install.engine()) as engine:
        await engine.publisher.publish(install.notes.name, "a", NOTES.encode(note("a")))
        await install.write("b")
        await until(lambda: sorted(install.handled) == ["a", "b"])
    assert await install.behind() == 0
    await install.broker.close()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("password", "does not let us in .*MARSAD_KAFKA_PASSWORD"),
        ("password of SCRAM", "does not let us in .*MARSAD_KAFKA_PASSWORD"),
        ("authority", "is not trusted .*ca_file"),
    ],
)
async def test_a_broker_that_cannot_be_entered_or_trusted_ends_the_start(
    kafka: Kafka, tmp_path: Path, wrong: str, words: str
) -> None:
    """A wrong password, or a certificate signed by nobody we trust: the error says which, and is not waited out."""
    kafka.start()
    secured = {
        "password": config(kafka, tmp_path, password="wrong-horse", ca_file=kafka.authority),
        "password of SCRAM": config(
            kafka, tmp_path, password="wrong-horse", ca_file=kafka.authority, mechanism="SCRAM-SHA-512"
        ),
        "authority": config(kafka, tmp_path, ca_file=None),
    }[wrong]
    undo = limit_client_logs(timedelta(hours=1))
    install = Install(secured, secured.group_prefix)
    try:
        with pytest.raises(EngineError, match=words) as caught:
            await install.create()
    finally:
        undo()
        await install.broker.close()
    assert not isinstance(caught.value, EngineAwayError)
    assert "horse" not in str(caught.value)
