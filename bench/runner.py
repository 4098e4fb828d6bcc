"""Running every program of a package, each in a process of its own, and saying at the end which ones failed."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def programs(package: str) -> list[str]:
    """The modules of a package that can be run, in alphabetical order."""
    folder = ROOT.joinpath(*package.split("."))
    paths = sorted(path for path in folder.glob("*.py") if path.stem != "__main__")
    return [path.stem for path in paths if 'if __name__ == "__main__":' in path.read_text()]


def run_all(package: str, chosen: list[str], *, json_directory: Path | None = None) -> int:
    """Run the chosen programs, or all; the exit status."""
    known = programs(package)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        print(f"No such program: {', '.join(unknown)}. There are {', '.join(known)}.")
        return 2
    failed = []
    for name in chosen or known:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        arguments = [str(json_directory / f"{name}.json")] if json_directory else []
        code = subprocess.run(
            [sys.executable, "-m", f"{package}.{name}", *arguments], cwd=ROOT, check=False
        ).returncode
        print(
            f"== {name}: {'FAILED' if code else 'passed'} after {time.monotonic() - started:.0f} s",
            flush=True,
        )
        if code:
            failed.append(name)
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nAll passed.")
    return 1 if failed else 0
