"""The page in headless Chromium: scenarios driven with playwright-core, and files to drop."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

HERE = Path(__file__).parent
ORT = HERE.parents[2] / "embed/onnxruntime-web/node_modules/onnxruntime-web/dist"
MOST_PLAYED = 3  # while a container comes or goes: Chromium then gives up what it loads.
WHOLE = {"styled": True, "scripted": True}


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[subprocess.Popen[str]]:
    """One headless Chromium for all scenarios. Skipped, with the reason, where something is not there."""
    if not shutil.which("node"):
        pytest.skip("there is no node on this machine")
    if not (HERE / "node_modules").is_dir():
        pytest.skip("expected npm ci --prefix tests/server/page to have been run")
    command = ["node", str(HERE / "drive.mjs"), chromium]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="session")
def drive(browser: subprocess.Popen[str]):
    """Play a scenario at an address, in a context of its own: what it saw.

    After the first of each kind at each address the page is reloaded and opened in a second tab: it must be styled and scripted
    as on its first visit, although the browser then asks by ETag and is answered 304.
    """

    def play(scenario: str, address: str, **given: object) -> dict:
        assert browser.stdin and browser.stdout
        for _ in range(MOST_PLAYED):
            browser.stdin.write(json.dumps({"scenario": scenario, "address": address, **given}, default=str) + "\n")
            browser.stdin.flush()
            saw = json.loads(browser.stdout.readline())
            if not any("ERR_NETWORK_CHANGED" in fault for fault in saw["faults"]):
                break
        assert "failed" not in saw, saw["failed"]
        if visits := saw.pop("visits", None):
            assert visits.pop("revalidated") > 0, "the second visit asked for nothing by ETag"
            assert visits == {"reloaded": WHOLE, "opened": WHOLE}
        return saw

    return play


@pytest.fixture(scope="session")
def visit(drive):
    """The same; it is seen that nothing was complained of and no other host asked."""

    def play(scenario: str, address: str, **given: object) -> dict:
        saw = drive(scenario, address, **given)
        assert saw["faults"] == []
        assert saw["asked"] == [urlsplit(address).netloc]
        return saw

    return play


@pytest.fixture(scope="session")
def site(serve) -> Iterator[str]:
    """A server as it comes."""
    with serve() as (_, address):
        yield address


@pytest.fixture(scope="session")
def here(request: pytest.FixtureRequest) -> None:
    """For servers that read more files than an image is given."""
    if request.config.getoption("image"):
        pytest.skip("the image is given no such files")


@pytest.fixture(scope="session")
def ort(here) -> Path:
    """onnxruntime-web's files."""
    if not ORT.is_dir():
        pytest.skip("expected npm ci --prefix embed/onnxruntime-web to have been run")
    return ORT


@pytest.fixture(scope="session")
def signal_csv(recording, tmp_path_factory: pytest.TempPathFactory):
    """A file of so many seconds of a built-in recording, a number in mV a line; its rate is 250 Hz."""

    def write(seconds: float) -> Path:
        path = tmp_path_factory.mktemp("signal") / "signal.csv"
        np.savetxt(path, recording(seconds)[0], "%.4f")
        return path

    return write


@pytest.fixture
def wfdb_record(recording, tmp_path: Path):
    """A built-in recording as a WFDB record of two leads, in a format: its files, and the first lead in mV as written."""
    wfdb = pytest.importorskip("wfdb")

    def write(fmt: str) -> tuple[list[Path], np.ndarray]:
        lead, rate = recording(30)
        both = np.column_stack([lead, -lead]).astype(np.float64)
        written = {"61": "16"}.get(fmt, fmt)
        gains = [40.0, 30.0] if fmt == "80" else [200.0, 100.0]
        given = {"units": ["mV", "mV"], "sig_name": ["MLII", "V1"], "fmt": [written] * 2, "adc_gain": gains}
        wfdb.wrsamp("r", fs=rate, p_signal=both, baseline=[12, -7], write_dir=str(tmp_path), **given)
        read = wfdb.rdrecord(str(tmp_path / "r"), channels=[0]).p_signal[:, 0]
        if fmt == "61":  # Which is 16 with the high byte first; wfdb does not write it.
            np.fromfile(tmp_path / "r.dat", "<i2").astype(">i2").tofile(tmp_path / "r.dat")
            (tmp_path / "r.hea").write_text((tmp_path / "r.hea").read_text().replace("r.dat 16 ", "r.dat 61 "))
        return [tmp_path / "r.hea", tmp_path / "r.dat"], read.astype(np.float32)

    return write
