"""The document of what the image holds, against the image."""

import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib is not installed here")


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest) -> str:
    """The image named by --image."""
    name = request.config.getoption("image")
    if not name:
        pytest.skip("no --image is named: make image builds and tests it")
    return str(name)


@pytest.fixture(scope="session")
def files(image, tmp_path_factory) -> list[str]:
    """Paths of all files in it."""
    archive = tmp_path_factory.mktemp("image") / "files.tar"
    container = subprocess.run(["docker", "create", image], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run(["docker", "export", "--output", str(archive), container], check=True)
    subprocess.run(["docker", "rm", container], capture_output=True, check=True)
    with tarfile.open(archive) as tar:
        return [member.name for member in tar if not member.isdir()]


@pytest.fixture(scope="session")
def document(image) -> dict:
    """What `make sbom` writes."""
    subprocess.run([sys.executable, "deploy/image/sbom.py", image], cwd=ROOT, check=True, capture_output=True)
    return json.loads((ROOT / f"{image}.cdx.json").read_text())


def test_every_package_is_in_it_and_nothing_else(document, files) -> None:
    """Those of Python with their metadata in the image, those of Debian with their status, and the interpreter."""
    told = {unquote(component["purl"].partition("?")[0]) for component in document["components"]}
    python = [re.search(r"site-packages/([^/]+)-([^/-]+)\.dist-info/METADATA$", name) for name in files]
    debian = {name.rpartition("/")[2] for name in files if "/dpkg/status.d/" in name}

    wanted = {f"pkg:pypi/{found[1].lower().replace('_', '-')}@{found[2]}" for found in python if found}
    assert {purl for purl in told if purl.startswith("pkg:pypi/")} == wanted
    assert {purl.split("/")[2].partition("@")[0] for purl in told if purl.startswith("pkg:deb/")} == debian
    assert len([purl for purl in told if purl.startswith("pkg:generic/python@3.")]) == 1
    assert {"libblas64-dev", "liblapack64-dev", "libssl3", "libc6"} <= debian


def test_it_is_what_scanners_read(document) -> None:
    """CycloneDX 1.6, checked against its schema when it was written; every component has a version, Python's a licence."""
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert all(component["version"] for component in document["components"])
    assert [one["name"] for one in document["components"] if "pypi" in one["purl"] and not one.get("licenses")] == []


def test_every_package_of_the_lock_is_known(document) -> None:
    """With its version; those that the image has no need of are not in it."""
    lock = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / "requirements/server.txt").read_text(), re.M))
    told = {one["name"].lower().replace("_", "-"): one["version"] for one in document["components"] if "pypi" in one["purl"]}

    assert told.items() <= lock.items()
    assert {"starlette", "uvicorn", "onnxruntime", "numpy", "msgspec", "prometheus-client", "uvloop", "httptools"} <= told.keys()
