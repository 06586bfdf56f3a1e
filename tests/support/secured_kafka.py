"""A broker that has, besides its plain listener, one that asks for TLS and a password (SASL_SSL; PLAIN and SCRAM).

The plain one is what the broker's own control script asks whether it answers.
"""

from __future__ import annotations

from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

from deploy.kafka.broker import Broker

USER, PASSWORD = "marsad", "correct-horse"

_LISTENER = """
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secured},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{user}="{password}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


class SecuredBroker(Broker):
    """Takes three ports in a row: the plain one, the controller's, the secured one."""

    format_options = tuple(
        word
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for word in ("--add-scram", f"{mechanism}=[name={USER},password={PASSWORD}]")
    )

    @property
    def secured_port(self) -> int:
        """Where clients come over TLS."""
        return self.port + 2

    @property
    def authority(self) -> Path:
        """The certificate of who signed the broker's."""
        return self.data / "authority.pem"

    def _configure(self) -> None:
        """The usual configuration with the secured listener, its certificate made once."""
        super()._configure()
        keystore = self.data / "keystore.pem"
        if not keystore.exists():
            _write_certificate(keystore, self.authority)
        text = self.properties.read_text()
        kept = "\n".join(line for line in text.splitlines() if not line.startswith("listeners="))
        extra = _LISTENER.format(
            plain=self.port,
            secured=self.secured_port,
            controller=self.port + 1,
            user=USER,
            password=PASSWORD,
            keystore=keystore,
        )
        self.properties.write_text(kept + extra)


def _write_certificate(keystore: Path, authority: Path) -> None:
    """A certificate for 127.0.0.1 and its key, as PKCS#8, which is the one form of PEM that Kafka reads."""
    signer = trustme.CA()
    signer.cert_pem.write_to_path(str(authority))
    issued = signer.issue_cert("127.0.0.1")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), password=None)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    keystore.write_bytes(pem + chain + signer.cert_pem.bytes())
