"""One machine: an embedded PostgreSQL and Valkey, and the supervisor that runs the product on them."""
