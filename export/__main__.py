"""Export a trained network as one self-contained, verified ONNX file.

  python -m export                     artifacts/ecg.keras and ecg.json become artifacts/ecg.onnx
  python -m export --out FOLDER        the same in another folder
  python -m export --task annotation   artifacts/beats.tf and beats.json become artifacts/beats.onnx
  python -m export --describe FILE     what is in such a file; --json for programs; needs the server's packages only

The file is put into place only after it was verified: checked by onnx, loaded by the server's own code, and compared
with Keras on the test rows and on extreme ones. If a check fails, it is named and the old file stays.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from export.source import BadSource, Source


def main() -> int:
    """Run the command; 0 when done, 1 if a check failed, 2 if there is nothing to export or describe."""
    parser = argparse.ArgumentParser(
        prog="python -m export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=Path("artifacts"), metavar="FOLDER", help="where ecg.keras is (default artifacts)"
    )
    parser.add_argument("--task", choices=("classification", "annotation"), default="classification", help="which of the two")
    parser.add_argument("--describe", type=Path, metavar="FILE", help="say what is in an exported file, and export nothing")
    parser.add_argument("--json", action="store_true", help="with --describe: as JSON")
    arguments = parser.parse_args()
    if arguments.json and not arguments.describe:
        parser.error("--json goes with --describe FILE")
    if arguments.describe:
        return _describe(arguments.describe, arguments.json)
    return _export_from(arguments.out) if arguments.task == "classification" else _export_annotator_from(arguments.out)


def _describe(path: Path, as_json: bool) -> int:
    from export.describe import describe, document
    from server.models.contract import BadArtifact

    try:
        print(json.dumps(document(path), ensure_ascii=False, indent=1) if as_json else describe(path))
    except BadArtifact as error:
        return _fail(str(error), 2)
    return 0


def _export_from(folder: Path) -> int:
    try:
        source = Source.read(folder)
    except BadSource as error:
        return _fail(str(error), 2)
    return _export(source, folder / "ecg.onnx")


def _export(source: Source, path: Path) -> int:
    """Convert, stamp, verify, put into place. TensorFlow is imported here, after the source was found good."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
    import keras

    from export.metadata import stamp
    from export.rows import convert
    from export.verify import Unverified, verify

    network = keras.models.load_model(source.network)
    model = convert(network)
    stamp(model, source.facts)
    file = model.SerializeToString()
    try:
        difference = verify(file, network, source.rows)
    except Unverified as error:
        return _fail(f"not exported, this check failed: {error}", 1)
    _replace(path, file)
    print(f"{path}: {len(file)} bytes, verified on {len(source.rows)} test rows, largest difference from Keras {difference:.1e}")
    return 0


def _export_annotator_from(folder: Path) -> int:
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
    from export.metadata import stamp
    from export.recordings import RecordingSource, convert, verify
    from export.verify import Unverified

    try:
        source = RecordingSource.read(folder)
        model = convert(source.network)
        stamp(model, source.facts)
        file = model.SerializeToString()
        difference = verify(file, source.network, source.trial)
    except BadSource as error:
        return _fail(str(error), 2)
    except Unverified as error:
        return _fail(f"not exported, this check failed: {error}", 1)
    path = folder / "beats.onnx"
    _replace(path, file)
    print(
        f"{path}: {len(file)} bytes, verified on {len(source.trial)} recordings, largest difference from Keras {difference:.1e}"
    )
    return 0


def _replace(path: Path, file: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as writing:
        writing.write(file)
        writing.flush()
        os.fsync(writing.fileno())
    os.replace(draft, path)


def _fail(sentence: str, status: int) -> int:
    print(f"export: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
