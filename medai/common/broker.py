"""Ringing Celery without waiting for it: the database holds the work, so a lost message only costs time."""

import functools
import os
from typing import Any

import kombu.pools
import redis
from celery import Task, current_app
from kombu import Connection
from kombu.exceptions import ChannelError, KombuError
from redis.exceptions import RedisError

from medai.common import valkey
from medai.common.circuit import Circuit

# The transport's defaults would hold a request for six seconds while the broker is down.
_IMPATIENT = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}

# A task that nobody began within this time, in seconds, is no reason to keep the next one back.
PATIENCE = 5

circuit = Circuit("The message broker")
marks = Circuit("Valkey (tasks on their way)")


@functools.cache
def _connection(process_id: int, url: str) -> Connection:
    """One connection definition for each process: sockets do not survive a fork."""
    connection = current_app.connection_for_write(url)
    connection.transport_options = {**(connection.transport_options or {}), **_IMPATIENT}
    return connection


def _current_connection() -> Connection:
    return _connection(os.getpid(), current_app.conf.broker_write_url or current_app.conf.broker_url)


def send(task: Task, *args: Any, queue: str | None = None) -> bool:
    """Hand a task to the workers; False, after half a second at most, where the broker does not take it."""
    if circuit.is_open:
        return False
    with circuit.watching(KombuError, OSError):
        with kombu.pools.producers[_current_connection()].acquire(block=True, timeout=1) as producer:
            task.apply_async(args=args, producer=producer, queue=queue, retry=False, ignore_result=True)
        return True
    return False


def send_once(name: str, task: Task, *args: Any, queue: str) -> None:
    """Hand over a task that looks for all there is to do, unless one of this name is on its way.

    The task calls `begun(name)` before it looks, so that whatever is committed from then on sends another.
    """
    if _mark(name):
        send(task, *args, queue=queue)


def begun(name: str) -> None:
    """The task of this name is about to look."""
    if not marks.is_open:
        with marks.watching(RedisError, OSError):
            valkey.client().delete(_key(name))


def mark(client: "redis.Redis", name: str) -> Any:
    """Note, by a client or a pipeline of it, that one of this name is on its way; true if none was."""
    return client.set(_key(name), 1, nx=True, ex=PATIENCE)


def _key(name: str) -> str:
    return f"medai:on-its-way:{name}"


def _mark(name: str) -> bool:
    """Whether none of this name is on its way; also where nobody can say."""
    if not marks.is_open:
        with marks.watching(RedisError, OSError):
            return bool(mark(valkey.client(), name))
    return True


def backlog(queue: str) -> int:
    """How many messages wait in a queue; 0 where it does not exist or nobody can say."""
    if circuit.is_open:
        return 0
    pool = kombu.pools.connections[_current_connection()]
    with circuit.watching(KombuError, OSError), pool.acquire(block=True, timeout=1) as connection:
        try:
            return connection.default_channel.queue_declare(queue=queue, passive=True).message_count
        except ChannelError:
            return 0
    return 0
