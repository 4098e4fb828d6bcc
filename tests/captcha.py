"""Solving the check against robots as a page's script does."""

import base64
import hashlib
import json
from typing import Any

from medai.common import captcha


def solve(challenge: dict[str, Any]) -> dict[str, Any]:
    for number in range(challenge["maxnumber"] + 1):
        if hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest() == challenge["challenge"]:
            return {**challenge, "number": number}
    raise AssertionError("no number gives this challenge")


def packed(solution: Any) -> str:
    return base64.b64encode(json.dumps(solution).encode()).decode()


def solved() -> str:
    """A solution that was not sent yet."""
    return packed(solve(captcha.issue()))
