"""Proof of work on anonymous writes: the browser of a person pays a second, a machine that sends thousands pays hours.

The exchange is ALTCHA's (version 1): the server hands out `challenge = SHA-256(salt + number)` for a number that it
draws and does not keep, signed; whoever finds the number sends it back with the signature. The salt says when the
challenge expires. Nothing is asked of another site, and nobody has to read pictures.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from medai.common import limits
from medai.common.errors import DomainError

LIFETIME = 20 * 60
# The page asks for another challenge a little before, so that it is not refused on the way.
FRESH = LIFETIME - 60
ALGORITHM = "SHA-256"
LONGEST = 1000
# What a page without scripts sends: it goes by the mailed code alone, and fewer times an hour.
WITHOUT = "none"

_SALT = re.compile(r"[0-9a-f]{24}\?expires=([0-9]{1,12})&")


class CaptchaMissing(DomainError):
    code = "captcha_missing"
    message = _("The check against robots was not finished. Please send it again.")


class CaptchaWrong(DomainError):
    code = "captcha_wrong"
    message = _("The check against robots did not work. Please send it again.")


class CaptchaExpired(DomainError):
    code = "captcha_expired"
    message = _("This page was open for too long. Please send it again.")


class CaptchaSpent(DomainError):
    code = "captcha_spent"
    message = _("This was already sent once. Please send it again.")


def issue() -> dict[str, Any]:
    """A challenge, in the words of ALTCHA's widget and of its libraries for apps."""
    salt = f"{secrets.token_hex(12)}?expires={int(time.time()) + LIFETIME}&"
    number = secrets.randbelow(settings.CAPTCHA_DIFFICULTY + 1)
    challenge = _digest(salt, number)
    return {
        "algorithm": ALGORITHM,
        "challenge": challenge,
        "maxnumber": settings.CAPTCHA_DIFFICULTY,
        "salt": salt,
        "signature": _signature(challenge),
    }


def require(solution: str, *, address: str) -> None:
    """Accept a solution once, or refuse. Without any, the address is counted: few such writes pass in an hour."""
    if not solution:
        raise CaptchaMissing
    if solution == WITHOUT:
        limits.require("anonymous_write", limits.of_address(address))
        return
    challenge, expires_at = _proven(solution)
    left = expires_at - time.time()
    if left <= 0:
        raise CaptchaExpired
    if not _spend(challenge, int(left) + 60):
        raise CaptchaSpent


def _proven(solution: str) -> tuple[str, int]:
    """The challenge that was solved, and when it expires."""
    given = _unpacked(solution)
    salt, number, challenge, signature = (
        given.get(name) for name in ("salt", "number", "challenge", "signature")
    )
    if not (isinstance(salt, str) and isinstance(challenge, str) and isinstance(signature, str)):
        raise CaptchaWrong
    expiry = _SALT.fullmatch(salt)
    if expiry is None or not isinstance(number, int) or not 0 <= number <= settings.CAPTCHA_DIFFICULTY:
        raise CaptchaWrong
    proven = _digest(salt, number)
    is_ours = hmac.compare_digest(_signature(proven).encode(), signature.encode("utf-8", "replace"))
    if not is_ours or proven != challenge:
        raise CaptchaWrong
    return proven, int(expiry[1])


def _unpacked(solution: str) -> dict[str, Any]:
    try:
        given = json.loads(base64.b64decode(solution[:LONGEST], validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise CaptchaWrong from None
    if not isinstance(given, dict):
        raise CaptchaWrong
    return given


def _digest(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number:d}".encode()).hexdigest()


def _signature(challenge: str) -> str:
    return salted_hmac("medai.captcha", challenge, algorithm="sha256").hexdigest()


def _spend(challenge: str, seconds: int) -> bool:
    """Whether nobody has sent this one before."""
    # While the cache is away this raises and the person is asked to come back. To accept the solution unseen would open
    # the one door that no limit guards then; the mail that it asks for leaves when its queue is back, and no sooner.
    return bool(cache.add(f"captcha:{challenge}", 1, timeout=seconds))
