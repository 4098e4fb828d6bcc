"""The texts and lists that the demo draws from, as files that anybody can read and change."""

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """The content of `<name>.json`; shared, so not to be changed by who reads it."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@cache
def insurers() -> Any:
    """The insurers that `seed` writes, so that no doctor accepts one that does not exist."""
    path = HERE.parents[2] / "accounts" / "data" / "insurance_providers.json"
    return json.loads(path.read_text(encoding="utf-8"))
