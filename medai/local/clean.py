"""`make clean`: end what a local run left behind and delete its data, which may lie outside the checkout."""

import sys

from medai.local import up
from medai.local.processes import ServiceError
from medai.local.state import State


def main() -> int:
    try:
        with up.alone():
            state = State.load()
            state.postgres().remove()
            state.valkey().remove()
    except ServiceError as error:
        sys.stderr.write(f"Nothing was deleted: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
