"""Latency against load, for ours and the others."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.fixtures import Fixtures
from bench.load import load_in_turn, serving

NAMES = {
    "server": "this server",
    "floor": "bare ASGI, constant answer",
    "route": "Starlette route, constant answer",
    "template": "FastAPI + pydantic + onnxruntime",
    "notebook": "Flask + model.predict",
}
CONNECTIONS = (1, 2, 4, 8, 16, 32, 64)
SECONDS = {"notebook": 6}


def measure(fixtures: Fixtures) -> dict[str, list[dict[str, Any]]]:
    """Requests a second and latencies at each number of connections; servers alternate at each."""
    files = {"template": [str(fixtures.artifact)], "notebook": [str(fixtures.keras)]}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
    with ExitStack() as stack:
        up = {"server": stack.enter_context(serving("server", ECG_ARTIFACT=str(fixtures.artifact)))}
        for name in list(NAMES)[1:]:
            up[name] = stack.enter_context(serving(f"bench.rivals.{name}", *files.get(name, [])))
        for connections in CONNECTIONS:
            for name, server in up.items():
                seen = load_in_turn(server, fixtures.one, connections, SECONDS.get(name, 2))
                found[name].append({"connections": connections, **seen._asdict()})
                print(f"  {NAMES[name]}, {connections}: {seen.requests_per_s:.0f}/s, p99 {seen.p99_us:.0f} µs", flush=True)
    return found


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """A curve a server: requests/s to the right, p99 latency up, the median as a thin line below it."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "ecg"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.6), layout="constrained")
    for name, points in found.items():
        rates = [point["requests_per_s"] for point in points]
        [line] = axes.loglog(rates, [point["p99_us"] / 1000 for point in points], "o-", label=NAMES[name], markersize=4)
        axes.loglog(rates, [point["p50_us"] / 1000 for point in points], "-", color=line.get_color(), linewidth=0.7)
    axes.set(xlabel="requests a second", ylabel="latency, ms: p99 (dots), median (thin)")
    axes.set_title("One row as JSON, 1 to 64 connections, server on one core", fontsize="medium")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})
