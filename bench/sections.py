"""The questions, and how each is measured."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from statistics import median
from typing import Any

from bench.fixtures import Fixtures
from bench.load import LOAD_CORE, SERVER_CORE, Load, Request, Server, beside, load, load_in_turn, pinned, serving

ROUNDS = 7
ROUNDS_OF_P99 = 15  # One answer in a hundred is noise for the most part on a shared machine.
SECONDS = 2


def row(what: str, against: str, ratios: Iterable[float], wanted: str) -> dict[str, Any]:
    """A line of the table."""
    values = sorted(ratios)
    line = {"what": what, "against": against, "median": median(values), "low": values[0], "high": values[-1], "wanted": wanted}
    print(
        f"  {what}, against {against}: {line['median']:.3g} ({line['low']:.3g} – {line['high']:.3g}), wanted {wanted}", flush=True
    )
    return line


def rounds(count: int = ROUNDS, **sides: Callable[[], Any]) -> dict[str, list[Any]]:
    """Each side once a round, one after the other; the first round warms up and does not count."""
    found: dict[str, list[Any]] = {name: [] for name in sides}
    for number in range(count + 1):
        for name, side in sides.items():
            value = side()
            if number:
                found[name].append(value)
    return found


def each(measure: Callable[..., float], *sides: list[Load]) -> list[float]:
    """One ratio a round."""
    return [measure(*loads) for loads in zip(*sides, strict=True)]


def rate(ours: Load, other: Load) -> float:
    """How many requests ours answers while the other answers one."""
    return ours.requests_per_s / other.requests_per_s


def p50(ours: Load, other: Load) -> float:
    """How much longer the median answer takes."""
    return ours.p50_us / other.p50_us


def p99(ours: Load, other: Load) -> float:
    """How much longer one answer in a hundred takes."""
    return ours.p99_us / other.p99_us


def ours(fixtures: Fixtures, **settings: str) -> Any:
    """The server of this project."""
    return serving("server", ECG_ARTIFACT=str(fixtures.artifact), **settings)


def one_row(fixtures: Fixtures) -> list[dict[str, Any]]:
    """One row of 140 features as JSON."""
    with ExitStack() as stack:
        up: dict[str, Server] = {"ours": stack.enter_context(ours(fixtures))}
        for name, file in (
            ("raw", ""),
            ("floor", ""),
            ("route", ""),
            ("template", fixtures.artifact),
            ("notebook", fixtures.keras),
        ):
            up[name] = stack.enter_context(serving(f"bench.rivals.{name}", *filter(None, [str(file)])))

        def side(name: str, connections: int, seconds: int = SECONDS) -> Callable[[], Load]:
            return lambda: load_in_turn(up[name], fixtures.one, connections, seconds)

        many = rounds(
            **{name: side(name, 32) for name in ("ours", "route", "floor", "raw", "template")}, notebook=side("notebook", 32, 6)
        )
        alone = rounds(ours=side("ours", 1), floor=side("floor", 1), raw=side("raw", 1))
        crowd = rounds(crowd=side("ours", 1000), ours=side("ours", 32))
    floor, raw, template = "the bare ASGI floor", "uvloop + httptools, constant bytes", "FastAPI + pydantic + onnxruntime"
    return [
        row("requests/s, 32 connections", "a constant Starlette route", each(rate, many["ours"], many["route"]), "≥ 1.0"),
        row("requests/s, 32 connections", floor, each(rate, many["ours"], many["floor"]), "≥ 0.65"),
        row("p50 latency, 1 connection", floor, each(p50, alone["ours"], alone["floor"]), "≤ 1.45"),
        row("requests/s, 32 connections", raw, each(rate, many["ours"], many["raw"]), "≥ 0.5"),
        row("p50 latency, 1 connection", raw, each(p50, alone["ours"], alone["raw"]), "≤ 1.9"),
        row("requests/s, 1,000 connections, none refused", "32 connections", each(rate, crowd["crowd"], crowd["ours"]), "≥ 0.95"),
        row("requests/s, 32 connections", template, each(rate, many["ours"], many["template"]), "≥ 9"),
        row("p99 latency, 32 connections", template, each(p99, many["ours"], many["template"]), "≤ 0.125"),
        row("requests/s, 32 connections", "Flask + model.predict", each(rate, many["ours"], many["notebook"]), "≥ 1000"),
    ]


def beside_many_rows(fixtures: Fixtures) -> list[dict[str, Any]]:
    """One row, while another client sends 4,096 rows without pause."""
    lines = []
    with ours(fixtures) as server:
        for kind, heavy in (("as bytes", fixtures.tensor(4096)), ("as JSON", fixtures.rounded(4096))):
            for connections in (1, 32):

                def disturbed(heavy: Request = heavy, connections: int = connections) -> Load:
                    with beside(server, heavy):
                        return load(server, fixtures.one, connections, SECONDS)

                def quiet(connections: int = connections) -> Load:
                    return load(server, fixtures.one, connections, SECONDS)

                found = rounds(ROUNDS_OF_P99, disturbed=disturbed, quiet=quiet)
                what = f"p99 latency of one row beside 4,096 {kind}, {connections} connection{'s' if connections > 1 else ''}"
                lines.append(row(what, "the same without", each(p99, found["disturbed"], found["quiet"]), "≤ 3"))
    return lines


def many_rows(fixtures: Fixtures) -> list[dict[str, Any]]:
    """Rows/s of requests that hold many, over four connections."""
    with ours(fixtures) as server, serving("bench.rivals.barest", str(fixtures.artifact)) as barest:

        def over(server: Server, request: Request) -> Callable[[], float]:
            return lambda: load(server, request, 4, SECONDS).requests_per_s

        def alone(what: str, request: Request) -> Callable[[], float]:
            command = [sys.executable, "-m", "bench.alone", what, str(fixtures.artifact), str(request.body)]
            return lambda: float(subprocess.check_output(pinned(str(SERVER_CORE), *command)))

        lines = []
        raw = fixtures.tensor(1024, "/tensor")
        found = rounds(ours=over(server, fixtures.tensor(1024)), alone=alone("run", raw), barest=over(barest, raw))
        what = "rows/s, 1,024 rows as bytes"
        lines.append(row(what, "session.run alone, nothing sent", _over(found, "alone"), "≥ 0.8"))
        lines.append(row(what, "session.run in the bare ASGI floor", _over(found, "barest"), ""))
        for digits, rows in (("as Python writes float32", fixtures.rows), ("four decimals", fixtures.rounded)):
            found = rounds(
                ours=over(server, rows(256)),
                alone=alone("decode", rows(256)),
                decode=over(barest, rows(256, "/decode")),
                barest=over(barest, rows(256)),
            )
            what = f"rows/s, 256 rows as JSON, {digits}"
            lines.append(row(what, "msgspec decoding alone, nothing sent", _over(found, "alone"), "≥ 0.9"))
            lines.append(row(what, "msgspec decoding in the bare ASGI floor", _over(found, "decode"), ""))
            lines.append(row(what, "msgspec, NumPy and session.run in it", _over(found, "barest"), ""))
    return lines


def _over(found: dict[str, list[float]], other: str) -> list[float]:
    return [mine / theirs for mine, theirs in zip(found["ours"], found[other], strict=True)]


def start(fixtures: Fixtures) -> list[dict[str, Any]]:
    """From the start of the process to the first 200 on /health."""

    def ours_starts() -> float:
        began = time.perf_counter()
        with ours(fixtures):
            return time.perf_counter() - began

    def imports() -> float:
        code = "import os; os.environ['ORT_DISABLE_TELEMETRY'] = '1'; import uvicorn, starlette.applications, onnxruntime"
        began = time.perf_counter()
        subprocess.run(pinned(str(SERVER_CORE), sys.executable, "-c", code), check=True)
        return time.perf_counter() - began

    found = rounds(ours=ours_starts, imports=imports)
    ratios = [mine / theirs for mine, theirs in zip(found["ours"], found["imports"], strict=True)]
    return [row("start to first 200 on /health", "importing uvicorn, Starlette and onnxruntime", ratios, "≤ 1.6")]


def memory(fixtures: Fixtures) -> list[dict[str, Any]]:
    """Resident memory after 100,000 and after 1,000,000 requests."""
    with ours(fixtures) as server:

        def after(requests: int, answered: float) -> tuple[float, float]:
            while answered < requests:
                answered += SECONDS * load(server, fixtures.one, 32, SECONDS).requests_per_s
            return server.resident_mib(), answered

        early, answered = after(100_000, 0)
        late, _ = after(1_000_000, answered)
    return [
        row("resident MiB after 100,000 requests", "", [early], "≤ 65"),
        row("MiB more after 1,000,000", "", [late - early], "≤ 2"),
    ]


def workers(fixtures: Fixtures) -> list[dict[str, Any]]:
    """Two processes on both cores against one on one; the load shares both, so the requests hold work: 64 rows each."""
    cores = f"{SERVER_CORE},{LOAD_CORE}"
    request = fixtures.rows(64)
    with ours(fixtures) as one, ours(fixtures, cores=cores, WEB_CONCURRENCY="2") as two:
        found = rounds(
            two=lambda: load(two, request, 32, SECONDS, cores=cores),
            one=lambda: load(one, request, 32, SECONDS, cores=cores),
        )
    return [row("rows/s, WEB_CONCURRENCY=2 on two cores", "one process", each(rate, found["two"], found["one"]), "≥ 1.7")]
