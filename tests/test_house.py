"""The walls between the rooms, the floors of the server, and the facts that stand in two places."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

from server.settings import Settings, table

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {"train": {"train"}, "export": {"export", "server"}, "server": {"server"}, "predict": {"predict", "server"}}
COMMANDS = {"__main__", "healthcheck", "health", "keys"}
FLOORS = (
    {"commands"},
    {"app"},
    {"http", "openapi"},
    {"observability", "open_inference", "live", "managed_platforms"},
    {"api", "api_keys"},
    {"serving", "page"},
    {"models", "errors", "settings"},
)
HEAVY = {
    *("tensorflow", "keras", "tf2onnx", "onnx", "sklearn", "scipy"),
    *("pandas", "pyarrow", "matplotlib", "wfdb", "edfio", "pydicom", "train", "export", "predict"),
}


def module_of(path: Path) -> str:
    """The name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py")}


def imported(path: Path) -> set[str]:
    """Every module a file names in an import, at its top, in a function, or for the type checker alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= modules or {node.module}
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_talk_through_files(room) -> None:
    """Export and predict import one thing of another room: server.models, the contract and the models that serve."""
    for path in (ROOT / room).rglob("*.py"):
        others = {name for name in imported(path) if name.split(".")[0] in MAY_IMPORT.keys() - {room}}

        assert {name.split(".")[0] for name in others} <= MAY_IMPORT[room], path
        assert all(name.startswith("server.models") for name in others), path


def wing_of(module: str) -> str:
    """The folder of the server that a module is in, or the module itself; the commands are one wing."""
    name = module.split(".")[1]
    return "commands" if name in COMMANDS else name


def floor_of(wing: str) -> int:
    """The floor of a wing, counted from the top."""
    [floor] = [number for number, wings in enumerate(FLOORS) if wing in wings]
    return floor


def test_imports_of_the_server_point_down() -> None:
    """From a wing to itself or to a lower floor; two wings of one floor do not know each other."""
    served = {module: path for module, path in MODULES.items() if module.startswith("server.")}
    crossing = [
        (module, name)
        for module, path in served.items()
        for name in imported(path) & served.keys()
        if wing_of(name) != wing_of(module)
    ]

    assert [pair for pair in crossing if floor_of(wing_of(pair[1])) <= floor_of(wing_of(pair[0]))] == []


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_import_goes_in_a_circle(room) -> None:
    """Not even one within a function or for the type checker."""
    graph = {module: imported(path) & MODULES.keys() for module, path in MODULES.items() if module.split(".")[0] == room}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_light_never_imports_heavy() -> None:
    """The application is imported in an interpreter of its own, and nothing of training, export or predict with it."""
    code = "import server.app, sys; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    assert "onnxruntime" in loaded
    assert not HEAVY & set(loaded)


WINGS = sorted(path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "server").glob("*/__init__.py"))


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_has_three_to_nine_files(wing) -> None:
    """Or folders; fewer are not worth a folder, more are not seen at a glance."""
    content = [path.name for path in (ROOT / wing).iterdir() if not path.name.startswith("__")]

    assert 3 <= len(content) <= 9


def test_files_of_the_server_are_short() -> None:
    """At most 200 lines; 150 are the rule."""
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (ROOT / "server").rglob("*.py")}

    assert {path: length for path, length in lengths.items() if length > 200} == {}


def test_a_file_name_stands_once_in_the_server() -> None:
    """Who searches for one by its name finds it."""
    names = Counter(path.name for path in (ROOT / "server").rglob("*.py") if path.name != "__init__.py")

    assert [name for name, count in names.items() if count > 1] == []


def test_the_paths_of_the_architecture_are_there() -> None:
    """Every path that docs/architecture.md names exists, and its table says for twenty changes or more where they are made."""
    document = (ROOT / "docs/architecture.md").read_text()
    paths = {path for path in re.findall(r"`([\w./-]+)`", document) if "/" in path.strip("/") or path.endswith((".py", ".txt"))}

    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    assert len(re.findall(r"^\| .* \| `.*` \|", document, re.MULTILINE)) >= 20


def test_nothing_reads_the_environment_but_the_commands() -> None:
    """Settings come in at the door: os.environ is named in the entry points and where telemetry is turned off."""
    every = [path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py")]
    readers = {str(path.relative_to(ROOT)) for path in every if "environ" in path.read_text()}

    assert readers - {"server/settings.py"} <= {
        "server/__init__.py",
        "server/__main__.py",
        "server/healthcheck.py",
        "train/__main__.py",
        "export/__main__.py",
        "predict/__main__.py",
    }


def test_the_locks_are_pinned_by_hash_and_name_no_index() -> None:
    """So that an install is the same everywhere and from wherever packages come."""
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = path.read_text().splitlines()
        packages = [line for line in lines if line and line[0].isalnum()]

        assert packages, path
        assert all("==" in line and line.endswith("\\") for line in packages), path
        assert not [line for line in lines if "://" in line or line.startswith("--")], path


def test_the_server_image_needs_only_what_the_design_lists() -> None:
    """And nothing heavy slips into its lock."""
    names = {line.split("==")[0] for line in (ROOT / "requirements/server.txt").read_text().splitlines() if "==" in line}

    assert names == {
        *("starlette", "anyio", "idna", "typing-extensions"),
        *("uvicorn", "click", "h11", "httptools", "uvloop", "wsproto"),
        *("onnxruntime", "numpy", "flatbuffers", "packaging", "protobuf"),
        *("msgspec", "prometheus-client"),
    } | ({"colorama"} & names)


def test_compose_locks_the_server_in_and_names_its_port() -> None:
    """Training first, read-only root, no capabilities; the port is the setting's default, and so the image's."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    server = services["server"]

    assert server["depends_on"]["train"]["condition"] == "service_completed_successfully"
    assert server["read_only"]
    assert server["cap_drop"] == ["ALL"]
    assert server["ports"] == [f"{Settings().port}:{Settings().port}"]
    assert services["train"]["network_mode"] == "none"
    assert services["tests"]["profiles"] == ["tests"]
    assert f"\nEXPOSE {Settings().port}\n" in (ROOT / "server/Dockerfile").read_text()


def test_the_train_image_holds_what_export_needs_of_the_server() -> None:
    """And no more: a change elsewhere in server/ makes nothing of it anew."""
    copied = re.findall(r"^COPY (server\S*) ", (ROOT / "train/Dockerfile").read_text(), re.MULTILINE)
    needed = {name for path in (ROOT / "server/models").glob("*.py") for name in imported(path) if name.startswith("server.")}

    assert copied == ["server/__init__.py", "server/models"]
    assert all(name.startswith("server.models") for name in needed)


def test_the_documents_list_every_setting() -> None:
    """With default and meaning, and none that is not there."""
    document = (ROOT / "docs/configuration.md").read_text()

    for name, default, meaning in table():
        assert f"| `{name}` | `{default}` | {meaning} |" in document
    assert len(re.findall(r"(?m)^\| `ECG_\w+` \| `", document)) == len(table())


def test_the_bench_tells_what_was_measured() -> None:
    """Every line of bench/speed.json stands in its table, to the digit, with what was wanted."""
    results = json.loads((ROOT / "bench/speed.json").read_text())
    document = (ROOT / "bench/README.md").read_text()

    lines = [line for part in results.values() if isinstance(part, list) for line in part]
    assert len(lines) == 32
    for line in lines:
        median, low, high = (f"{line[key]:.0f}" if line[key] >= 100 else f"{line[key]:.3g}" for key in ("median", "low", "high"))
        assert f"| {line['what']} | {line['against']} | **{median}** | {low} – {high} | {line['wanted']} |" in document, line


@pytest.mark.parametrize("document", ["README.md", "README.fr.md"])
def test_the_door_tells_how_fast_a_row_is(document) -> None:
    """The two lines of its table are those of bench/speed.json, against a bare application and against what is usual."""
    lines = json.loads((ROOT / "bench/speed.json").read_text())["one-row"]
    text = (ROOT / document).read_text().replace(",", ".")

    for rival in ("the bare ASGI floor", "FastAPI + pydantic + onnxruntime"):
        [median] = [each["median"] for each in lines if (each["what"], each["against"]) == ("requests/s, 32 connections", rival)]
        assert f"| {median:.3g} × |" in text


def test_what_it_scales_to_follows_from_what_was_measured() -> None:
    """The figures of docs/scale.md are those of the bench."""
    results = json.loads((ROOT / "bench/speed.json").read_text())
    document = (ROOT / "docs/scale.md").read_text()

    for name in ("server", "floor"):
        [point] = [point for point in results["curve"][name] if point["connections"] == 32]
        assert f"{point['requests_per_s']:,.0f}" in document
    for part, what in (("one-row", "requests/s, 32 connections"), ("workers", "rows/s, WEB_CONCURRENCY=2 on two cores")):
        for line in results[part]:
            if line["what"] == what and line["against"] != "a constant Starlette route":
                median = line["median"]
                assert (f"{median:,.0f}" if median > 99 else f"{median:.3g}") in document, line


def test_the_bench_tells_how_fast_archives_were() -> None:
    """Every line of bench/archive.json stands in its table, to the digit."""
    document = (ROOT / "bench/README.md").read_text()

    lines = json.loads((ROOT / "bench/archive.json").read_text())["archive"]
    assert len(lines) == 8
    for line in lines:
        assert "| {what} | {processors} | **{median:.2f}** | {low:.2f} – {high:.2f} |\n".format(**line) in document


def test_the_bench_gives_the_accuracies_that_were_measured() -> None:
    """Those of bench/accuracy.json, to the digit."""
    results = json.loads((ROOT / "bench/accuracy.json").read_text())
    rows = {
        "a fifth held out, seed 0": results["ecg.csv"][:1],
        "seeds and splits": results["ecg.csv"],
        "official halves": results["ECG5000"],
    }

    lines = (ROOT / "bench/README.md").read_text().splitlines()
    for words, runs in rows.items():
        numbers = [f"{sum(run[metric] for run in runs) / len(runs):.4f}" for metric in ("accuracy", "macro_f1", "roc_auc")]
        assert [line for line in lines if words in line and f"| {' | '.join(numbers)} |" in line], (words, numbers)
    assert f"| {numbers[0]} |" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", ["README.md", "README.fr.md"])
def test_what_recordings_are_named_like_is_told(document) -> None:
    """Of the committed report: sensitivity and positive predictivity of all, and of S without the recording that has most."""
    report = json.loads((ROOT / "artifacts/beats-report/metrics.json").read_text())
    text = re.sub(r"(?<=\d),(?=\d)", ".", (ROOT / document).read_text())
    every, others = report["all recordings"]["gross"], report["without 232"]["gross"]

    for gross, name, digits in ((every, "detection", 2), (every, "S", 1), (every, "V", 1), (others, "S", 1)):
        told = [f"{100 * gross[f'{name}_{figure}']:.{digits}f}" for figure in ("sensitivity", "positive_predictivity")]
        assert f"{' / '.join(told)} %" in text
    assert f"{100 * every['accuracy']:.2f} %" in text


def test_embed_tells_what_was_measured() -> None:
    """Every line of embed/embed.json stands in its table; there is one for each program, and each got every class right."""
    from bench.everywhere import ROWS, table

    results = json.loads((ROOT / "embed/embed.json").read_text())

    assert table(results) in (ROOT / "embed/README.md").read_text()
    assert set(results) == {path.parent.name for path in (ROOT / "embed").glob("*/classify.*")} | {"onnxruntime-mobile"}
    assert all(line["same_classes"] == ROWS and line["difference"] <= 1e-5 for line in results.values())


def test_the_locks_of_npm_name_no_address() -> None:
    """And hold a hash for each package; what a package would do when it is installed is not done."""
    locks = [*(ROOT / "embed").glob("*/package-lock.json"), *(ROOT / "tests").glob("server/*/package-lock.json")]
    assert len(locks) == 3
    for path in locks:
        packages = [package for name, package in json.loads(path.read_text())["packages"].items() if name]

        assert packages
        assert all(package["integrity"].startswith("sha512-") for package in packages), path
        assert "://" not in path.read_text()
        assert "ignore-scripts=true" in path.with_name(".npmrc").read_text()
