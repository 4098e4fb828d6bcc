"""`make faults`: what happens when many come at once and things break. `make faults ARGS=one_slot` runs one."""

import sys

from bench.runner import run_all

sys.exit(run_all("tests.faults", sys.argv[1:]))
