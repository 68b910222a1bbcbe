"""`make audit` without a network: known faults from an export of the OSV database."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from requirements.audit import LOCK, faults, main, pins

ROOT = Path(__file__).parents[1]
PINNED = {"some-package": "1.5.0", "other": "2.0"}


def advisory(*, name: str = "Some_Package", versions: tuple[str, ...] = (), events: Any = (), **more: Any) -> dict[str, Any]:
    """What OSV says of one fault."""
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}]
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "versions": list(versions), "ranges": ranges}
    return {"id": "PYSEC-1", "modified": "2026-11-02T00:00:00Z", "affected": [affected], **more}


@pytest.mark.parametrize(
    ("given", "is_found"),
    [
        (advisory(versions=("1.4", "1.5.0")), True),
        (advisory(versions=("1.4",)), False),
        (advisory(events=[{"introduced": "0"}]), True),
        (advisory(events=[{"introduced": "0"}, {"fixed": "1.5.0"}]), False),
        (advisory(events=[{"fixed": "1.10"}, {"introduced": "1.2"}]), True),
        (advisory(events=[{"introduced": "0"}, {"last_affected": "1.5"}]), True),
        (advisory(events=[{"introduced": "0"}, {"last_affected": "1.4"}]), False),
        (advisory(events=[{"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "1.3"}, {"fixed": "1.9"}]), True),
        (advisory(events=[{"introduced": "0"}], withdrawn="2026-01-01T00:00:00Z"), False),
        (advisory(events=[{"introduced": "0"}], name="unknown"), False),
    ],
)
def test_a_fault_is_found_by_version_or_range(given, is_found) -> None:
    """As OSV evaluates them; names are spelled in many ways."""
    assert list(faults(given, PINNED)) == ([("some-package", "1.5.0", "PYSEC-1")] if is_found else [])


def test_the_export_says_how_new_it_is(tmp_path, capsys, monkeypatch) -> None:
    """With a fault of a package that is locked here, exit code 1."""
    version, export = pins(LOCK)["numpy"], tmp_path / "all.zip"
    older = advisory(name="Django", events=[{"introduced": "0"}]) | {"modified": "2020-01-01T00:00:00Z"}
    with zipfile.ZipFile(export, "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps(advisory(name="NumPy", versions=(version,))))
        archive.writestr("PYSEC-2.json", json.dumps(older))
    monkeypatch.setattr(sys, "argv", ["audit", str(export)])

    status = main()

    told = capsys.readouterr().out
    assert status == 1
    assert told.startswith(f"numpy {version} PYSEC-1\n1 known faults of ")
    assert told.endswith("as of 2026-11-02T00:00:00Z, the newest of 2 advisories\n")


@pytest.mark.parametrize("content", [None, b"", b"no zip"])
def test_what_is_no_export_is_refused(tmp_path, capsys, monkeypatch, content) -> None:
    """An audit that found nothing because there was nothing to read would be a false peace."""
    export = tmp_path / "all.zip"
    export.mkdir() if content is None else export.write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["audit", str(export)])

    assert main() == 2
    assert "expected an export of the OSV database" in capsys.readouterr().err


def test_make_reads_the_export_that_is_named() -> None:
    """By a variable of make; without it, pip-audit asks."""
    assert "$(if $(OSV),$(BIN)/python requirements/audit.py $(OSV)," in (ROOT / "Makefile").read_text()
