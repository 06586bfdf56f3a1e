"""What an engine has to be told: where the log is, how to prove who we are, and which worker this is."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from streams.errors import EngineError

RECORD_LIMIT = 1_000_000
"""Largest record in bytes, key and value: a little under the default `message.max.bytes` of Kafka (1,048,588)."""

RECORD_HEAD = 10_000
"""What a client may add to a record of that size: its own head and the batch's, far less than this."""

_MEMBER = re.compile(r"[A-Za-z0-9._-]+")
_KAFKA_PORT = 9092


class SecurityProtocol(StrEnum):
    """How a connection to Kafka is protected, in Kafka's own words."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """How a client proves its name, in Kafka's own words."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """TLS and SASL towards Kafka. `ca_file` is needed only where the system does not know the broker's authority."""

    security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    sasl_mechanism: SaslMechanism = SaslMechanism.PLAIN
    username: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))
    ca_file: Path | None = None

    @property
    def encrypted(self) -> bool:
        """Whether the connection is TLS."""
        return self.security_protocol in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)

    @property
    def secured(self) -> bool:
        """Whether there is a certificate or a password that could be wrong."""
        return self.encrypted or self.authenticated

    @property
    def authenticated(self) -> bool:
        """Whether the client names itself."""
        return self.security_protocol in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS as configured, None without TLS.

        Raises:
            EngineError: `ca_file` cannot be read or holds no certificate.
        """
        if not self.encrypted:
            return None
        try:
            return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise EngineError(f"the certificate file {self.ca_file} cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """One installation's log, and this worker's place in it.

    `broker_url` is `sqlite:///path/to/log.db` or `kafka://host:port,host:port`; `data_dir` holds locks and Faust's own
    folder; `host` and `slot` make the static member id, which has to be unique among live workers of a stage;
    `group_prefix` goes before every consumer group's name. `grace` is how long a handler may go on after a stop or a
    rebalance began; `start_patience` how long a start waits for a broker that does not answer.
    """

    broker_url: str
    data_dir: Path
    host: str
    slot: str = "0"
    group_prefix: str = ""
    security: KafkaSecurity = field(default_factory=KafkaSecurity)
    record_limit: int = RECORD_LIMIT
    grace: timedelta = timedelta(seconds=10)
    start_patience: timedelta = timedelta(seconds=60)
    session_timeout: timedelta = timedelta(seconds=45)

    def __post_init__(self) -> None:
        """Refuse what could only fail later.

        Raises:
            EngineError: another URL scheme, or a host or slot that cannot be part of a member id.
        """
        if self.sqlite_path is None and not self.kafka_servers:
            raise EngineError(
                f"broker {self.broker_url!r} is neither sqlite:///path/to/log.db nor kafka://host:port[,host:port]"
            )
        if not _MEMBER.fullmatch(self.member):
            raise EngineError(f"host and slot {self.member!r} may only have letters, digits, '.', '_' and '-' in them")

    @property
    def member(self) -> str:
        """The static member id."""
        return f"{self.host}-{self.slot}"

    def group(self, stage: str) -> str:
        """The consumer group of a stage; also its Faust application's id."""
        return f"{self.group_prefix}marsad-{stage}"

    @property
    def sqlite_path(self) -> Path | None:
        """The log's file, None for Kafka. As with SQLAlchemy, `sqlite:///a` is relative and `sqlite:////a` absolute."""
        path = self.broker_url.removeprefix("sqlite:///")
        return Path(path) if path and path != self.broker_url else None

    @property
    def kafka_servers(self) -> list[str]:
        """`host:port` of each bootstrap server; empty for SQLite."""
        rest = self.broker_url.removeprefix("kafka://")
        if rest == self.broker_url:
            return []
        servers = [server.removeprefix("kafka://").strip("/ ") for server in rest.replace(";", ",").split(",")]
        return [s if re.search(r":\d+$", s) else f"{s}:{_KAFKA_PORT}" for s in servers if s]
