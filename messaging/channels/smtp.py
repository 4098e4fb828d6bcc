"""Django's SMTP backend, which also knows how far a message had come when something broke."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class _Watched:
    """Remembers whether the text of the current message was being handed over.

    Until the server agreed to DATA nothing can have been accepted, so that sending again is safe. From then on a
    broken connection leaves the outcome open.
    """

    data_begun = False

    def mail(self, *args: Any, **kwargs: Any) -> Any:
        self.data_begun = False
        return super().mail(*args, **kwargs)  # type: ignore[misc]  # smtplib.SMTP's

    def data(self, *args: Any, **kwargs: Any) -> Any:
        self.data_begun = True
        return super().data(*args, **kwargs)  # type: ignore[misc]


class WatchedSMTP(_Watched, smtplib.SMTP):
    pass


class WatchedSMTPOverTLS(_Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """`data_begun` says whether the last message may have been accepted although an error was raised."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedSMTPOverTLS if self.use_ssl else WatchedSMTP

    @property
    def data_begun(self) -> bool:
        return bool(getattr(self.connection, "data_begun", False))
