"""`make bench`: every measurement, as tables and as JSON in var/bench/. `make bench ARGS=slots` runs one."""

import sys

from bench.runner import ROOT, run_all

sys.exit(run_all("bench", sys.argv[1:], json_directory=ROOT / "var" / "bench"))
