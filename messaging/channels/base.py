"""What a channel is: how one prepared message leaves, and how its outcome is told.

Sending has two steps. `prepare` makes the message and may fail without consequences: nothing has left. `deliver`
hands it over and ends in the provider's id or in one of the errors below, which say what is certain. Whatever else it
raises is taken as `OutcomeUnknown`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from messaging.models import Notification, NotificationChannel
from messaging.recipients import Recipient

if TYPE_CHECKING:
    from messaging.content import Content

Message = TypeVar("Message")


class DeliveryError(Exception):
    """What is known about a message that was not accepted. `reason` is a code, without anybody's address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChannelDown(DeliveryError):
    """The channel itself does not work now: nothing left, and nothing else would."""


class TemporaryFailure(DeliveryError):
    """This message was refused for now; a later attempt makes sense."""


class PermanentFailure(DeliveryError):
    """This message will never be accepted."""


class OutcomeUnknown(DeliveryError):
    """It may have left or not. It is never repeated."""


class Session(ABC, Generic[Message]):
    """A connection that delivers several messages, one after the other."""

    @abstractmethod
    def deliver(self, message: Message) -> str:
        """Hand over one message; the provider's id for it, where it gives one."""


class Channel(ABC, Generic[Message]):
    """One way of reaching people.

    `disturbs` says whether quiet hours concern it. An `is_internal` channel only writes to our database, so that its
    delivery commits together with the row that records it and is never unknown.
    """

    name: ClassVar[NotificationChannel]
    disturbs: ClassVar[bool] = True
    is_internal: ClassVar[bool] = False

    @abstractmethod
    def accepts(self, recipient: Recipient) -> bool:
        """Whether the person can be reached this way and wants to be."""

    @abstractmethod
    def prepare(self, notification: Notification, content: "Content") -> Message: ...

    @abstractmethod
    @contextmanager
    def session(self) -> Iterator[Session[Message]]: ...
