"""One machine: an embedded PostgreSQL and Valkey, and the supervisor that runs the product on them."""

import sys

if sys.platform == "win32":
    sys.exit("A local run of MedAI needs Linux or macOS; on Windows, use the Windows Subsystem for Linux.")
