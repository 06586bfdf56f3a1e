"""What every client of Kafka is told, whether it is Faust's or one of ours."""

from __future__ import annotations

from typing import Any

from streams.transports.engine_config import EngineConfig


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
