"""What Marsad demands of a Redis, and what its errors mean."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme
from redis.asyncio import Redis

from streams import stores
from streams.errors import EngineAwayError, EngineError
from streams.settings import EngineSettings, Secrets
from streams.stores.connection import PASSWORD, connect, examine, key_prefix, reaching_redis
from streams.stores.ledger import RedisLedger
from tests.support.ports import free_port
from tests.support.redis import ExternalValkey, documented_rights


def secrets(server: ExternalValkey) -> Secrets:
    return Secrets({PASSWORD: server.password})


@pytest.fixture
def external(tmp_path: Path) -> Iterator[ExternalValkey]:
    server = ExternalValkey(tmp_path)
    yield server
    server.stop()


def test_every_command_of_a_script_is_among_the_rights_that_readme_lists() -> None:
    """Stores that these tests do not reach would fail at an operator whose user has just those."""
    scripts = (path.read_text("utf-8") for path in Path(stores.__file__ or "").parent.glob("lua/*.lua"))
    called = {f"+{name.lower()}" for script in scripts for name in re.findall(r"redis\.call\('(\w+)'", script)}
    assert called
    assert called <= set(documented_rights())


async def test_a_fit_redis_has_no_findings(redis: Redis) -> None:
    """Both servers as shipped are fit."""
    assert await examine(redis) == []


async def test_an_unfit_redis_is_described(tmp_path: Path) -> None:
    """Without its log of writes and with an evicting policy it is usable, and both are found."""
    server = ExternalValkey(tmp_path, "--appendonly", "no", "--maxmemory-policy", "allkeys-lru")
    server.start()
    try:
        async with connect(EngineSettings(redis=server.url), secrets(server)) as redis:
            findings = await examine(redis)
    finally:
        server.stop()
    assert [finding.split(" ")[0] for finding in findings] == ["appendonly", "maxmemory-policy"]


async def test_a_cluster_is_refused(tmp_path: Path) -> None:
    """Cluster mode is an error at the start, not something to wait for."""
    server = ExternalValkey(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    server.start()
    try:
        with pytest.raises(EngineError, match="is a Redis Cluster, which is not supported"):
            async with connect(EngineSettings(redis=server.url), secrets(server)):
                pass
    finally:
        server.stop()


@pytest.mark.parametrize("password", [None, "wrong-horse"])
async def test_a_wrong_password_names_the_variable(external: ExternalValkey, password: str | None) -> None:
    """No password or a wrong one: the error says which variable to set, and not what was in it."""
    external.start()
    with pytest.raises(EngineError, match=f"refuses us.*{PASSWORD}") as caught:
        async with connect(EngineSettings(redis=external.url), Secrets({PASSWORD: password} if password else {})):
            pass
    assert not isinstance(caught.value, EngineAwayError)
    assert "wrong-horse" not in str(caught.value)


async def test_a_user_of_an_access_list_may_be_in_the_url(external: ExternalValkey) -> None:
    """The user comes from the URL, the password from the environment; keys outside the prefix are closed to it."""
    external.start()
    async with connect(EngineSettings(redis=external.url), secrets(external)) as redis:
        await redis.acl_setuser(
            "marsad",
            enabled=True,
            passwords=["+pw"],
            keys=["marsad:*"],
            categories=["+@all", "-@dangerous"],
            commands=["+info"],
        )
    url = external.url.replace("redis://", "redis://marsad@")
    async with connect(EngineSettings(redis=url), Secrets({PASSWORD: "pw"})) as redis:
        await RedisLedger(redis, prefix=key_prefix(EngineSettings())).enter(["a"])
        with pytest.raises(EngineAwayError, match="refuses us"), reaching_redis():
            await redis.set("elsewhere", 1)


@contextlib.asynccontextmanager
async def behind_tls(server: ExternalValkey, authority: trustme.CA) -> AsyncIterator[int]:
    """The port of a TLS end in front of the server, whose own build has no TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(65_536):
                writer.write(some)
                await writer.drain()
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(pour(reader, inner[1]), pour(inner[0], writer))

    async with await asyncio.start_server(join, "127.0.0.1", 0, ssl=context) as listening:
        yield listening.sockets[0].getsockname()[1]


async def test_a_redis_behind_tls_is_reached_and_its_certificate_is_checked(
    external: ExternalValkey, tmp_path: Path
) -> None:
    """`rediss://`, with an authority of one's own named in the URL; one that nobody vouches for is not spoken to."""
    external.start()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with behind_tls(external, authority) as port:
        url = f"rediss://127.0.0.1:{port}/0"
        async with connect(
            EngineSettings(redis=f"{url}?ssl_ca_certs={tmp_path / 'ca.pem'}"), secrets(external)
        ) as redis:
            assert await redis.ping()
        with pytest.raises(EngineAwayError, match="certificate verify failed"):
            async with connect(EngineSettings(redis=url), secrets(external)):
                pass


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("rediss://127.0.0.1/0?ssl_ca_cert=ca.pem", "a rediss:// address has no option 'ssl_ca_cert'"),
        ("redis://127.0.0.1/0?ssl_ca_certs=ca.pem", "a redis:// address has no option 'ssl_ca_certs'"),
        ("rediss://127.0.0.1/0?ssl_ca_certs=/nowhere/ca.pem", "the certificate file /nowhere/ca.pem cannot be used"),
    ],
)
async def test_an_option_of_the_address_that_is_none_ended_in_a_traceback_or_in_waiting(url: str, message: str) -> None:
    """It will not mend itself: nobody is to wait for it."""
    with pytest.raises(EngineError, match=re.escape(message)) as caught:
        async with connect(EngineSettings(redis=url), Secrets({})):
            pass
    assert not isinstance(caught.value, EngineAwayError)


async def test_nobody_there_is_away() -> None:
    """No server at the address: the caller may wait for it."""
    with pytest.raises(EngineAwayError, match="does not answer"):
        async with connect(EngineSettings(redis=f"redis://127.0.0.1:{free_port()}/0"), Secrets({})):
            pass


async def test_a_restart_is_survived(external: ExternalValkey) -> None:
    """While it is gone calls say so; afterwards the same client finds what was written."""
    external.start()
    async with connect(EngineSettings(redis=external.url), secrets(external)) as redis:
        ledger = RedisLedger(redis, prefix="p:")
        await ledger.enter(["a"])
        external.stop()
        with pytest.raises(EngineAwayError):
            await ledger.enter(["b"])
        await asyncio.to_thread(external.start)
        await ledger.enter(["b"])
        assert (await ledger.tally()).entered == 2


async def test_a_full_redis_is_away_and_nothing_is_half_written(external: ExternalValkey) -> None:
    """With noeviction and no memory left a script changes nothing and the caller waits."""
    external.start()
    async with connect(EngineSettings(redis=external.url), secrets(external)) as redis:
        ledger = RedisLedger(redis, prefix="p:")
        await ledger.enter(["a"])
        await redis.config_set("maxmemory", "1")
        with pytest.raises(EngineAwayError, match="is full"):
            await ledger.enter(["b"])
        await redis.config_set("maxmemory", "0")
        assert (await ledger.tally()).entered == 1


async def test_a_replica_is_away_and_found(external: ExternalValkey) -> None:
    """A read-only replica refuses writes (a failover under way), and the check says what it is."""
    external.start()
    async with connect(EngineSettings(redis=external.url), secrets(external)) as redis:
        await redis.replicaof("127.0.0.1", str(free_port()))
        with pytest.raises(EngineAwayError):
            await RedisLedger(redis, prefix="p:").enter(["a"])
        assert any("replica" in finding for finding in await examine(redis))


async def test_a_script_error_of_ours_is_no_outage(redis: Redis) -> None:
    """A bug in a script comes out as it is, and is not waited for."""
    with pytest.raises(Exception, match="user_script") as caught, reaching_redis():
        await redis.eval("return redis.call('HGET')", 0)
    assert not isinstance(caught.value, EngineError)
