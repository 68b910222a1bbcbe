"""The dashboard, the alert rules and the compose file beside the server: one with the metrics and with each other."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from server.app import create_app
from server.observability.counters import REASONS
from server.serving.hot_reload import RELOAD_RESULTS
from server.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/observability"
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "summary": ("_count", "_sum"), "gauge": ("",)}
OF_PROMETHEUS = {"up"}
HAS_PROMTOOL = shutil.which("promtool") is not None
needs_promtool = pytest.mark.skipif(not HAS_PROMTOOL, reason="promtool is not installed here (Debian: apt install prometheus)")


def dashboard() -> list[str]:
    """The queries of its panels."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def rules() -> list[str]:
    """The conditions of the alerts."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def names(queries: list[str]) -> set[str]:
    """The metrics in queries: what is followed by no bracket of a function, outside of labels."""
    bare = [re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)", "", query) for query in queries]
    return {name for query in bare for name in re.findall(r"\b([a-z][a-z0-9_]+)\b(?!\s*\()", query)} - {"or", "and", "by"}


@pytest.fixture(scope="module")
def metrics(artifact, beats) -> Iterator[set[str]]:
    """The samples that /metrics has."""
    with TestClient(create_app(Settings(str(artifact), str(beats)))) as client:
        families = list(text_string_to_metric_families(client.get("/metrics").text))
        yield {f"{family.name}{suffix}" for family in families for suffix in SUFFIXES[family.type]}


@pytest.mark.parametrize("queries", [dashboard, rules])
def test_only_metrics_that_exist_are_named(metrics, queries) -> None:
    """A query of a metric that was renamed draws nothing, and never warns."""
    found = names(queries())

    assert len(found) > 5
    assert found - metrics - OF_PROMETHEUS == set()


def test_labels_have_values_that_exist() -> None:
    """Those of reasons and results."""
    text = "\n".join([*dashboard(), *rules()])

    assert set(re.findall(r'reason="(\w+)"', text)) <= set(REASONS)
    assert set(re.findall(r'result="(\w+)"', text)) <= set(RELOAD_RESULTS)


def test_what_compose_mounts_is_there() -> None:
    """And nothing in the folder is left out; what Grafana asks is what compose starts."""
    services = yaml.safe_load((FOLDER / "compose.yml").read_text())["services"]
    mounted = {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}

    assert {(ROOT / path).resolve() for path in mounted} == set(FOLDER.iterdir()) - {FOLDER / "compose.yml"}
    assert yaml.safe_load((FOLDER / "grafana.yml").read_text())["datasources"][0]["url"] == "http://prometheus:9090"
    assert yaml.safe_load((FOLDER / "prometheus.yml").read_text())["rule_files"] == ["alerts.yml"]


@needs_promtool
def test_promtool_takes_configuration_and_rules() -> None:
    """Every expression is parsed."""
    done = subprocess.run(["promtool", "check", "config", FOLDER / "prometheus.yml"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_parses_every_query_of_the_dashboard(tmp_path) -> None:
    """As a recording rule each, with an interval where Grafana puts one."""
    queries = [query.replace("$__rate_interval", "1m") for query in dashboard()]
    recorded = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))

    done = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(queries)} rules found" in done.stdout
