"""The HTTP matrix as a function, so that mutations can ask parts of it."""

from collections.abc import Iterable, Iterator
from functools import cache

from tests.access.arguments import arguments_of, body_of, query_of
from tests.access.asking import REFUSALS, VISITORS, Answer, Asker, Mismatch, Route, address, leaked, routes
from tests.access.routes import SECRET_ADDRESSES, SHOWN, TABLE
from tests.access.world import WORDS, World

Outcomes = dict[str, str]


@cache
def expected() -> dict[str, dict[str, Outcomes]]:
    """Route, method, visitor: the outcome of the table. A row for each route, once."""
    table: dict[str, dict[str, Outcomes]] = {}
    for group in TABLE.split("\n\n"):
        lines = [line for line in group.splitlines() if line.strip() and not line.startswith("#")]
        methods = dict(_outcomes(line) for line in lines if not line.startswith(" "))
        for name in " ".join(line for line in lines if line.startswith(" ")).split():
            assert name not in table, f"{name} has two rows"
            table[name] = methods
    return table


def _outcomes(line: str) -> tuple[str, Outcomes]:
    method, *words = line.split()
    assert len(words) in (1, len(VISITORS)), line
    return method, dict(zip(VISITORS, words if len(words) > 1 else words * len(VISITORS), strict=True))


def http_mismatches(
    world: World,
    asker: Asker,
    chosen: Iterable[Route] | None = None,
    *,
    visitors: Iterable[str] = VISITORS,
    methods: Iterable[str] | None = None,
    bearer: bool = False,
) -> Iterator[Mismatch]:
    """Ask routes (all that have a row), and tell where an answer is not what the table says."""
    for route in routes() if chosen is None else chosen:
        if route.name not in expected():
            continue
        path = address(route, arguments_of(world, route)) + query_of(world, route)
        for method, outcomes in expected()[route.name].items():
            if methods is not None and method not in methods:
                continue
            body = body_of(world, route, method)
            for visitor in visitors:
                answer = asker.ask(visitor, method, path, body, bearer=bearer)
                yield from _judge(
                    world, route, method, visitor, f"{path} {body}".lower(), outcomes[visitor], answer
                )


def _judge(
    world: World, route: Route, method: str, visitor: str, sent: str, wanted: str, answer: Answer
) -> Iterator[Mismatch]:
    """What is wrong with an answer: its outcome, a change that came with a refusal, somebody else's texts."""
    if answer.outcome != wanted:
        yield Mismatch(route.name, method, visitor, f"{answer.outcome} instead of {wanted}")
    if answer.outcome in REFUSALS and answer.written:
        problem = f"refused with {answer.outcome}, yet {answer.written} rows were written"
        yield Mismatch(route.name, method, visitor, problem)
    if answer.touched:
        yield Mismatch(route.name, method, visitor, f"changes {', '.join(answer.touched)}")
    owner = SHOWN.get(route.name, {}).get(visitor)
    if method == "GET" and owner and WORDS[owner] not in answer.text:
        yield Mismatch(route.name, method, visitor, f"does not show {WORDS[owner]}")
    found = leaked(world, visitor, answer, sent)
    if found and route.name not in SECRET_ADDRESSES:
        yield Mismatch(route.name, method, visitor, f"shows {', '.join(found)}")


def listed(mismatches: Iterable[Mismatch]) -> str:
    """For a failing test: one line each."""
    return "\n".join(map(str, mismatches))
