"""Leaving a helper alone for a while after it failed, so that its outage costs one person one short wait."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


class Circuit:
    """Remembers, within this process, that a service is down.

    Ask `is_open` before calling; wrap the call in `watching(*errors)`, which swallows those errors, opens the
    circuit for `pause` seconds and logs the first failure of an outage only.
    """

    def __init__(self, name: str, *, pause: float = 15) -> None:
        self.name = name
        self.pause = pause
        self._open_until = 0.0
        self._is_down = False

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    @contextmanager
    def watching(self, *errors: type[Exception]) -> Iterator[None]:
        try:
            yield
        except errors as error:
            if not self._is_down:
                logger.warning("%s is not available: %s", self.name, type(error).__name__)
            self._is_down = True
            self._open_until = time.monotonic() + self.pause
        else:
            self.close()

    def close(self) -> None:
        """The service answered."""
        if self._is_down:
            logger.info("%s is available again", self.name)
        self._is_down = False
        self._open_until = 0.0
