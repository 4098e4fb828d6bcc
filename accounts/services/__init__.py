"""Every write of accounts, by noun: `users`, `people`, `insurance`, `claims`, `sessions`, `impersonation`."""

from accounts.services.users import sign_up

__all__ = ["sign_up"]
