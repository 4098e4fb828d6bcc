"""Valkey for those who have somebody's request to answer: they wait half a second for it, no longer."""

import functools
import os

import redis
from django.conf import settings

AWAY = (redis.ConnectionError, redis.TimeoutError)

_IMPATIENT = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}


def client() -> "redis.Redis":
    """The client of this process. Its calls raise `RedisError` or `OSError` where Valkey is away."""
    return _client(os.getpid(), settings.REDIS_URL)


@functools.cache
def _client(process_id: int, url: str) -> "redis.Redis":
    """One pool of connections for each process: sockets do not survive a fork."""
    return redis.Redis.from_url(url, **_IMPATIENT)
