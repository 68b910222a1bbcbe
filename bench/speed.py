"""Measure the server against what people would use instead: `make bench`, or `python -m bench.speed [SECTION …]`.

The server has one core and the load (wrk) another. Sides alternate round by round, and only their ratios within a round
count: absolute times mean little on a shared machine. Written beside this file: speed.json, load.svg.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench import day, halfhour, sections
from bench.curve import draw, measure
from bench.fixtures import Fixtures, prepare
from bench.load import can_measure

HERE = Path(__file__).parent
SECTIONS: dict[str, Callable[[Fixtures], list[dict[str, Any]]]] = {
    "one-row": sections.one_row,
    "beside": sections.beside_many_rows,
    "many-rows": sections.many_rows,
    "half-hour": halfhour.half_hour,
    "day": day.day,
    "start": sections.start,
    "memory": sections.memory,
    "workers": sections.workers,
}


def main() -> int:
    """Run the sections asked for, all if none, and keep what they say; 2 if something they need is missing."""
    arguments = _arguments()
    if not can_measure():
        return 2
    path = HERE / "speed.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    found["machine"] = machine()
    with tempfile.TemporaryDirectory() as folder:
        fixtures = prepare(Path(folder))
        for name in arguments.sections or [*SECTIONS, "curve"]:
            print(f"\n{name}", flush=True)
            found[name] = measure(fixtures) if name == "curve" else SECTIONS[name](fixtures)
            path.write_text(json.dumps(found, indent=1) + "\n")
    if "curve" in found:
        draw(found["curve"], HERE / "load.svg")
    print(table(found))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"any of {', '.join(SECTIONS)}, curve; all if none is named"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.sections) - {*SECTIONS, "curve"}
    if unknown:
        parser.error(f"expected sections among {', '.join(SECTIONS)}, curve; got {', '.join(unknown)}")
    return arguments


def machine() -> dict[str, str]:
    """Where and when."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    packages = subprocess.run([sys.executable, "-m", "pip", "list", "--format=json"], capture_output=True, text=True, check=True)
    wanted = ("uvicorn", "starlette", "onnxruntime", "msgspec", "fastapi", "flask", "tensorflow")
    versions = {package["name"].lower(): package["version"] for package in json.loads(packages.stdout)}
    return {
        "date": date.today().isoformat(),
        "processor": f"{cpu[1] if cpu else platform.machine()}, {len(os.sched_getaffinity(0))} shared cores",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {versions[name]}" for name in wanted),
    }


def table(found: dict[str, Any]) -> str:
    """What was found, in Markdown."""
    lines = ["| what | against | measured | spread | wanted |", "|---|---|---|---|---|"]
    for name in SECTIONS:
        for row in found.get(name, []):
            spread = f"{number(row['low'])} – {number(row['high'])}"
            lines.append(f"| {row['what']} | {row['against']} | **{number(row['median'])}** | {spread} | {row['wanted']} |")
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
