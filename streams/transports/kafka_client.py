"""What every client of Kafka is told, whether it is Faust's or one of ours."""

from __future__ import annotations

import ssl
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from streams.transports.engine_config import EngineConfig

_LOOK_MS = 20_000
"""A broker delays what it says to a wrong password, and more when it is busy."""
_SHUT_OUT = (
    AuthenticationFailedError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
    IllegalSaslStateError,
)


def client_options(config: EngineConfig) -> dict[str, Any]:
    """Servers, TLS and SASL as aiokafka's own clients take them."""
    security = config.security
    options: dict[str, Any] = {
        "bootstrap_servers": config.kafka_servers,
        "security_protocol": security.security_protocol.value,
        "ssl_context": security.ssl_context(),
    }
    if security.authenticated:
        options |= {
            "sasl_mechanism": security.sasl_mechanism.value,
            "sasl_plain_username": security.username,
            "sasl_plain_password": security.password.get_secret_value(),
        }
    return options


async def why_shut_out(config: EngineConfig) -> str | None:
    """Why a broker that answers does not let us in (certificate, password, mechanism); None where it is merely away.

    aiokafka's bootstrap tells that to its log alone, and calls all of it "unable to bootstrap".
    """
    options = client_options(config)
    options.pop("bootstrap_servers")
    for server in config.kafka_servers:
        host, _, port = server.rpartition(":")
        try:
            connection = await create_conn(host.strip("[]"), int(port), request_timeout_ms=_LOOK_MS, **options)
        except ssl.SSLCertVerificationError as error:
            return (
                f"{server} shows a certificate that is not trusted ({error.verify_message}); see engines.kafka.ca_file"
            )
        except _SHUT_OUT as error:
            names = "engines.kafka.username, sasl_mechanism and MARSAD_KAFKA_PASSWORD"
            return f"{server} does not let us in ({type(error).__name__}); see {names}"
        except (KafkaError, OSError, TimeoutError):
            continue
        connection.close()
        return None
    return None
