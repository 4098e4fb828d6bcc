"""Measurements that are compared with each other in one run, as a table and as JSON.

A benchmark module makes rows with `Row` and hands them to `run`. The sides of a row are measured in
turns, so that a machine that slows down slows both; a ratio is taken within each turn, and the
median of the turns is judged.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One comparison: how long `subject` takes beside `baseline`, each a key of `sides`.

    `limit` is the ratio that must not be passed; None only reports. `number` calls make one turn.
    """

    name: str
    sides: Mapping[str, Callable[[], object]]
    subject: str
    baseline: str
    limit: float | None = None
    turns: int = 40
    number: int = 20


@dataclass(frozen=True)
class Result:
    row: Row
    seconds: Mapping[str, Sequence[float]] = field(repr=False)

    @property
    def ratios(self) -> list[float]:
        pairs = zip(self.seconds[self.row.subject], self.seconds[self.row.baseline], strict=True)
        return [subject / baseline for subject, baseline in pairs]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def passed(self) -> bool:
        return self.row.limit is None or self.ratio <= self.row.limit

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.row.name,
            "ratio": round(self.ratio, 3),
            "ratio_of_fastest": round(
                min(self.seconds[self.row.subject]) / min(self.seconds[self.row.baseline]), 3
            ),
            "limit": self.row.limit,
            "passed": self.passed,
            "milliseconds": {
                side: {"median": _ms(statistics.median(times)), "min": _ms(min(times))}
                for side, times in self.seconds.items()
            },
        }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 4)


def measure(row: Row) -> Result:
    """Run every side once to warm it, then in turns, the order changing from turn to turn."""
    seconds: dict[str, list[float]] = {side: [] for side in row.sides}
    for call in row.sides.values():
        call()
    order = list(row.sides.items())
    gc.collect()
    gc.disable()
    try:
        for _ in range(row.turns):
            order.append(order.pop(0))
            for side, call in order:
                started = time.perf_counter()
                for _ in range(row.number):
                    call()
                seconds[side].append((time.perf_counter() - started) / row.number)
    finally:
        gc.enable()
    return Result(row, seconds)


def table(results: Sequence[Result]) -> str:
    lines = [("what", "side", "median ms", "fastest ms", "ratio", "must", "")]
    for result in results:
        row = result.row
        for side, times in result.seconds.items():
            shown = (f"{statistics.median(times) * 1000:.3f}", f"{min(times) * 1000:.3f}")
            verdict = ("", "", "")
            if side == row.subject:
                limit = "" if row.limit is None else f"<= {row.limit:g}"
                verdict = (f"{result.ratio:.2f}", limit, "ok" if result.passed else "TOO SLOW")
            lines.append((row.name if side == next(iter(row.sides)) else "", side, *shown, *verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def run(rows: Sequence[Row], *, json_path: Path | None = None) -> list[Result]:
    """Measure the rows, print the table and, where a path is given, write the JSON."""
    results = [measure(row) for row in rows]
    report(results, json_path=json_path)
    return results


def report(results: Sequence[Result], *, json_path: Path | None = None) -> None:
    """The same for rows that were measured one by one."""
    print(table(results))
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps([result.as_dict() for result in results], indent=2) + "\n")
