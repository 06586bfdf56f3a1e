"""In whose name each source is asked, where that is not our own. Pure."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

from pydantic import SecretStr

from streams.ingest.answers import Caller
from streams.ingest.robots import origin_of
from streams.sections import SourceSettings


def callers_of(sources: Iterable[SourceSettings], secret: Callable[[str], SecretStr | None]) -> dict[str, Caller]:
    """The callers by source. `secret` looks up what `credentials` name: `user:password`, a token, or a whole header."""
    callers = {}
    for source in sources:
        found = secret(source.credentials) if source.credentials else None
        if source.address and (source.user_agent or found):
            callers[source.name] = Caller(
                user_agent=source.user_agent,
                authorization=_authorization(found) if found else None,
                origin=origin_of(source.address),
            )
    return callers


def _authorization(secret: SecretStr) -> SecretStr:
    """The value of the header: as it stands where it names its scheme (`Bearer ...`), else Basic (RFC 7617)."""
    value = secret.get_secret_value()
    if ":" not in value.partition(" ")[0]:  # a password may have spaces in it
        return SecretStr(value if " " in value else f"Bearer {value}")
    return SecretStr("Basic " + base64.b64encode(value.encode()).decode())
