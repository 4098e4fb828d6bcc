"""A small SMTP server on the loopback that keeps what it is given, and can be told to misbehave."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Literal

# `refuse` and `busy` answer RCPT with 550 and 451; `vanish_early` hangs up instead of answering MAIL;
# `vanish_late` takes the whole message and hangs up instead of confirming it; `brief` hangs up after each message.
Manner = Literal["kind", "refuse", "busy", "vanish_early", "vanish_late", "brief"]


class SmtpSink:
    """`messages` holds what was received whole; a message is there before it is confirmed to the sender."""

    def __init__(self, *, delay: float = 0) -> None:
        self.messages: list[EmailMessage] = []
        self.manner: Manner = "kind"
        self.connections = 0
        self.delay = delay
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    def start(self) -> None:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._talk, "127.0.0.1", self.port, limit=2**22))
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0.05)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink")
        while line := await reader.readline():
            verb = line.split(None, 1)[0].upper().decode() if line.strip() else ""
            if verb == "MAIL" and self.manner == "vanish_early":
                return
            if verb == "RCPT" and self.manner in ("refuse", "busy"):
                await say("550 no such person" if self.manner == "refuse" else "451 try again later")
            elif verb == "DATA":
                await say("354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                self._keep(raw[:-5])
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self.manner == "vanish_late":
                    return
                await say("250 kept")
                if self.manner == "brief":
                    return
            elif verb == "QUIT":
                await say("221 bye")
                return
            else:
                await say("250 ok")

    def _keep(self, raw: bytes) -> None:
        undotted = raw.replace(b"\r\n..", b"\r\n.")
        message = email.message_from_bytes(undotted, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)


@contextmanager
def smtp_sink(*, delay: float = 0) -> Iterator[SmtpSink]:
    sink = SmtpSink(delay=delay)
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()
