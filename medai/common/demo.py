"""Which accounts of the demo somebody may sign in with: each is announced by whoever makes it."""

from typing import NamedTuple


class SignIn(NamedTuple):
    """`note` says what else is needed or to be seen: for staff, the secret of the one-time codes."""

    role: str
    email: str
    password: str
    note: str


_sign_ins: dict[str, SignIn] = {}


def register_sign_in(role: str, email: str, password: str, note: str = "") -> None:
    """Announce an account of the demo. Called when the program starts, so that any process knows it."""
    _sign_ins[email] = SignIn(role, email, password, note)


def demo_sign_ins() -> tuple[SignIn, ...]:
    """The accounts of the demo in the order in which they were announced; none where there is no demo."""
    return tuple(_sign_ins.values())
