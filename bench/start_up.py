"""How long `make run` takes to be ready once packages are installed, and what the whole stack then occupies."""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.local.running import Run

SECOND_START, MEMORY = 6.0, 700 * 1024**2
STARTS = 3
# Long enough for beat's first rounds.
IDLE = 20
PAGES = ("/", "/doctors/", "/accounts/login/", "/api/v1/public/specialties/")


def main(json_path: Path | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="medai-start-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # root's PostgreSQL runs under another account
        first, _shares = _start(directory, idle=0)
        later = [_start(directory, idle=0)[0] for _ in range(STARTS - 1)]
        last, shares = _start(directory, idle=IDLE)
    second = statistics.median([*later, last])
    total = sum(shares.values())
    for command, share in sorted(shares.items(), key=lambda item: -item[1])[:6]:
        print(f"  {share / 1024**2:6.0f} MB  {command[:90]}")
    rows = [
        ("first start with the demo, seconds", first, None),
        ("second start, seconds (median of 3)", second, SECOND_START),
        (f"memory of all {len(shares)} processes, idle, MB (PSS)", total / 1024**2, MEMORY / 1024**2),
    ]
    for what, value, limit in rows:
        verdict = "" if limit is None else f"must <= {limit:g}  {'ok' if value <= limit else 'TOO MUCH'}"
        print(f"{what:48} {value:8.1f}  {verdict}")
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        facts = [{"name": what, "value": round(value, 2), "limit": limit} for what, value, limit in rows]
        json_path.write_text(json.dumps(facts, indent=2) + "\n")
    return second <= SECOND_START and total <= MEMORY


def _start(directory: Path, *, idle: int) -> tuple[float, dict[str, int]]:
    """Seconds from the command to the table, and the memory after some pages were shown and `idle` seconds passed."""
    started = time.monotonic()
    run = Run(directory)
    try:
        run.wait()
        seconds = time.monotonic() - started
        if idle:
            for page in PAGES:
                run.get(page)
            time.sleep(idle)
        return seconds, run.memory()
    finally:
        run.stop()


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
