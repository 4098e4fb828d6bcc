"""The fault run of mixed identities works, leaks nothing, and its control does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_nobody_sees_a_foreign_row_over_shared_connections() -> None:
    command = [sys.executable, "-m", "tests.faults.identities", "--requests", "600", "--threads", "8"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    product, control = (
        int(re.search(rf"{name}.*?foreign rows seen: (\d+)", run.stdout, re.DOTALL)[1])
        for name in ("600 requests by 8 threads", "control")
    )
    assert product == 0
    assert control > 0
