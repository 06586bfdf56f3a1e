"""Which of Redis's errors mean "wait", one by one, as each version words them."""

from __future__ import annotations

import pytest
from redis import exceptions

from streams.errors import EngineAwayError
from streams.stores.connection import reaching_redis

AWAY = [
    exceptions.ConnectionError("Connection closed by server."),
    exceptions.TimeoutError("Timeout reading from 127.0.0.1:6379"),
    exceptions.BusyLoadingError("Redis is loading the dataset in memory"),
    exceptions.ReadOnlyError("You can't write against a read only replica.", status_code="READONLY"),
    exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.", status_code="OOM"),
    exceptions.MasterDownError("Link with MASTER is down", status_code="MASTERDOWN"),
    exceptions.AuthenticationError("invalid username-password pair or user is disabled."),
    exceptions.NoPermissionError("User marsad has no permissions to access one of the keys"),
    exceptions.ResponseError("MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to"),
    exceptions.ResponseError("BUSY Redis is busy running a script."),
    exceptions.ResponseError("NOREPLICAS Not enough good replicas to write."),
    exceptions.ResponseError("Error running script: @user_script: 4: -OOM command not allowed when used memory >"),
    exceptions.ResponseError("Error running script: @user_script: 4: -READONLY You can't write against"),
    ConnectionRefusedError(111, "Connection refused"),
]
OURS = [
    exceptions.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
    exceptions.ResponseError("user_script:1: attempt to index a nil value"),
    ValueError("not Redis's at all"),
]


@pytest.mark.parametrize("error", AWAY, ids=lambda error: f"{type(error).__name__} {error}"[:40])
def test_an_outage_is_waited_for(error: Exception) -> None:
    """It becomes EngineAwayError with the cause behind it."""
    with pytest.raises(EngineAwayError) as caught, reaching_redis():
        raise error
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", OURS, ids=lambda error: f"{type(error).__name__} {error}"[:40])
def test_a_bug_is_not_waited_for(error: Exception) -> None:
    """It comes out as it is."""
    with pytest.raises(type(error)) as caught, reaching_redis():
        raise error
    assert caught.value is error
