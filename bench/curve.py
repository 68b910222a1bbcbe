"""Latency, throughput and refusals against load, for ours and the others."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.fixtures import Fixtures
from bench.load import offer, serving

NAMES = {
    "server": "this server",
    "raw": "uvloop + httptools, constant answer",
    "floor": "bare ASGI, constant answer",
    "template": "FastAPI + pydantic + onnxruntime",
}
CONNECTIONS = (1, 32, 256, 1000)
SECONDS = 3


def measure(fixtures: Fixtures) -> dict[str, list[dict[str, Any]]]:
    """Requests a second and latencies at each number of connections; servers alternate at each."""
    files = {"template": [str(fixtures.artifact)]}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
    with ExitStack() as stack:
        up = {"server": stack.enter_context(serving("server", ECG_ARTIFACT=str(fixtures.artifact)))}
        for name in list(NAMES)[1:]:
            up[name] = stack.enter_context(serving(f"bench.rivals.{name}", *files.get(name, [])))
        for connections in CONNECTIONS:
            for name, server in up.items():
                seen = offer(server, fixtures.one, connections, SECONDS)
                server.settle()
                found[name].append({"connections": connections, **seen._asdict()})
    print(table(found), flush=True)
    return found


def table(found: dict[str, list[dict[str, Any]]]) -> str:
    """Requests a second, refused ones and p99 at each number of connections, in Markdown."""
    lines = ["| connections | what | requests/s | refused | p99, ms |", "|---|---|---|---|---|"]
    for number, connections in enumerate(CONNECTIONS):
        for name in NAMES:
            point = found[name][number]
            rate, p99_ms = point["requests_per_s"], point["p99_us"] / 1000
            lines.append(f"| {connections} | {NAMES[name]} | {rate:.0f} | {point['refused']} | {p99_ms:.3g} |")
    return "\n".join(lines)


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """A curve a server: requests/s to the right, p99 latency up, the median as a thin line below; refusals are written beside."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "ecg"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.6), layout="constrained")
    for name in (name for name in NAMES if name in found):
        points = found[name]
        rates = [point["requests_per_s"] for point in points]
        [line] = axes.loglog(rates, [point["p99_us"] / 1000 for point in points], "o-", label=NAMES[name], markersize=4)
        for rate, point in zip(rates, points, strict=True):
            if point.get("refused"):
                axes.annotate(f"{point['refused']} refused", (rate, point["p99_us"] / 1000), color=line.get_color())
        axes.loglog(rates, [point["p50_us"] / 1000 for point in points], "-", color=line.get_color(), linewidth=0.7)
    axes.set(xlabel="requests a second", ylabel="latency, ms: p99 (dots), median (thin)")
    axes.set_title(f"One row as JSON, {CONNECTIONS[0]} to {CONNECTIONS[-1]:,} connections, server on one core", fontsize="medium")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})
