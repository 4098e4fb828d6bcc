"""A process of the product whose own clock is wrong by so many seconds; the database's is right.

python -m tests.faults.wrong_clock SECONDS web PORT
python -m tests.faults.wrong_clock SECONDS task NAME
"""

import importlib
import sys
from datetime import UTC, datetime, timedelta

import time_machine


def main(seconds: float, what: str, argument: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        if what == "web":
            serve(int(argument))
        else:
            print(run(argument))


def serve(port: int) -> None:
    import uvicorn

    # The loop that Python brings along: uvloop reads clocks that cannot be put wrong.
    uvicorn.run(
        "medai.asgi:application",
        host="127.0.0.1",
        port=port,
        lifespan="off",
        loop="asyncio",
        access_log=False,
    )


def run(name: str) -> object:
    """Run a task as a worker would, and return what it returns."""
    import django

    django.setup()
    importlib.import_module("medai.celery")
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2], sys.argv[3])
