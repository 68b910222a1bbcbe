"""What a repository shows to strangers: licence, credits, how to cite it, to contribute and to report."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from onnxruntime import InferenceSession

from server.models.contract import METADATA_KEY

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FORMS = sorted((ROOT / ".github").rglob("*.yml"))


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_a_stranger_finds_the_file(name) -> None:
    """At the root, where platforms look for it."""
    assert (ROOT / name).stat().st_size > 500


def test_the_licence_is_the_one_named() -> None:
    """The whole text of it, under the same SPDX identifier everywhere."""
    licence = (ROOT / "LICENSE").read_text()

    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert PROJECT["license"] == yaml.safe_load((ROOT / "CITATION.cff").read_text())["license"] == "Apache-2.0"


def test_the_citation_is_of_this_version() -> None:
    """With what CFF 1.2 requires, and the authors and version of pyproject.toml."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())

    assert citation["cff-version"] == "1.2.0"
    assert citation["message"] and citation["title"]
    assert citation["version"] == PROJECT["version"]
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert all(reference["authors"] and reference["title"] and reference["type"] for reference in citation["references"])


def test_every_database_that_the_network_learned_from_is_credited(beats) -> None:
    """In NOTICE and CITATION.cff, by its DOI or its page, as its licence (ODC-By 1.0) asks."""
    metadata = InferenceSession(str(beats)).get_modelmeta().custom_metadata_map[METADATA_KEY]
    databases = json.loads(metadata)["trained_on"]["name"].split(", ")
    notice = (ROOT / "NOTICE").read_text()
    references = yaml.safe_load((ROOT / "CITATION.cff").read_text())["references"]
    cited = {reference.get(name) for reference in references for name in ("doi", "url")}

    credited = dict(re.findall(r"^(\w+) .* (?:https://doi\.org/(?=10))?(\S+)$", notice, re.MULTILINE))

    assert set(databases) <= credited.keys()
    assert {credited[database] for database in databases} <= cited
    assert "ODC-By 1.0" in notice


def test_pre_commit_runs_the_commands_of_make_check() -> None:
    """The same ones, in the same order."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = re.search(r"^check: .*\n\t(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert recipe is not None
    assert [hook["entry"] for hook in hooks] == recipe[1].replace("$(BIN)", ".venv/bin").split(" && ")


@pytest.mark.parametrize("path", FORMS, ids=[path.name for path in FORMS])
def test_forms_and_workflows_are_yaml(path) -> None:
    """The workflow runs the script that anybody can run."""
    document = yaml.safe_load(path.read_text())

    assert isinstance(document, dict)
    if path.parent.name == "workflows":
        assert [step["run"] for job in document["jobs"].values() for step in job["steps"] if "run" in step] == [".ci/run"]


def pins(lock: str) -> set[tuple[str, str]]:
    """Name and version of every package in a lock."""
    return set(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", ["run", "test", "train", "server", "predict", "ray", "embed"])
def test_locks_agree(lock) -> None:
    """What `make test` installs holds every other lock, at the same versions."""
    assert pins(lock) <= pins("dev")


def test_what_serves_and_trains_installs_nothing_else() -> None:
    """All of the locks for the server, training and `python -m predict`; of tests, other runtimes, Ray and linters nothing."""
    names = {name for name, _ in pins("run")}

    assert pins("run") >= pins("server") | pins("train") | pins("predict")
    assert names.isdisjoint({"pytest", "openvino", "opencv-python-headless", "tinygrad", "tract", "ray", "ruff", "mypy"})


def test_the_container_runs_the_tests_as_make_does() -> None:
    """In as many processes, and told of the ten slowest."""
    options = re.search(r"^PARALLEL = (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert options is not None
    assert f"{options[1]} --durations=10" in (ROOT / "train/Dockerfile").read_text()
