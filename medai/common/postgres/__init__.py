"""Django's PostgreSQL backend that tells the server, per transaction, whose rows may be seen."""
