"""Stated rate limits, shared by pages and API: so many requests of a kind in a minute, hour or day.

Fixed windows counted atomically in the cache. While the cache is down nothing is limited, since refusing
everybody would be the greater harm; the outage is logged.
"""

import hashlib
import time
from ipaddress import IPv6Network

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from medai.common.circuit import Circuit
from medai.common.errors import TooManyRequests

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}

circuit = Circuit("The cache (rate limits)")


def parse(rate: str) -> tuple[int, int]:
    """`"20/minute"` as (20, 60)."""
    number, _, period = rate.partition("/")
    return int(number), _SECONDS[period]


def of_address(address: str) -> str:
    """Whom an address counts as: of IPv6 its network, as with allauth's own limits."""
    try:
        network = IPv6Network((address, settings.ALLAUTH_RATE_LIMIT_IPV6_PREFIX), strict=False)
    except ValueError:
        return address
    return str(network.network_address)


def wait_for(scope: str, who: str) -> int | None:
    """Count one request; the seconds to wait where it is one too many, else None.

    The scopes and their rates are `settings.RATE_LIMITS`.
    """
    limit, period = parse(settings.RATE_LIMITS[scope])
    now = time.time()
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"limit:{scope}:{digest}:{int(now // period)}"
    if circuit.is_open:
        return None
    with circuit.watching(RedisError, OSError):
        if cache.add(key, 1, timeout=period + 10):
            count = 1
        else:
            try:
                count = cache.incr(key)
            except ValueError:  # it ran out between the two calls
                return None
        return max(1, int(period - now % period)) if count > limit else None
    return None


def require(scope: str, who: str) -> None:
    """Count one request, or refuse it with `TooManyRequests`."""
    if (seconds := wait_for(scope, who)) is not None:
        raise TooManyRequests(retry_after=seconds)
