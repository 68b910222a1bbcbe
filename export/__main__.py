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
import re
import sys
import tempfile
from pathlib import Path

# What TensorFlow's C++ code writes to standard error while it loads, whatever TF_CPP_MIN_LOG_LEVEL says.
START_UP = re.compile(rb"WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d .*(tensorflow|xla|tsl)/")


def main() -> int:
    """Run the command; 0 when done, 1 if a check failed, 2 if there is nothing to export or describe."""
    arguments = _arguments()
    if arguments.describe:
        return _describe(arguments.describe, arguments.json)
    return _export_rows(arguments.out) if arguments.task == "classification" else _export_recordings(arguments.out)


def _arguments() -> argparse.Namespace:
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
    return arguments


def _describe(path: Path, as_json: bool) -> int:
    from export.describe import describe, document
    from server.models.contract import BadArtifact

    try:
        print(json.dumps(document(path), ensure_ascii=False, indent=1) if as_json else describe(path))
    except BadArtifact as error:
        return _fail(str(error), 2)
    return 0


def _export_rows(folder: Path) -> int:
    """Read, convert, write the metadata, verify, put into place; TensorFlow is imported after the training was found whole."""
    from export.rows import BadSource, TrainedRows, convert, scaling

    try:
        source = TrainedRows.read(folder)
    except BadSource as error:
        return _fail(str(error), 2)
    _import_tensorflow_quietly()
    import keras

    from export.metadata import write_metadata
    from export.verify import Unverified, verify

    network = keras.models.load_model(source.network)
    model = convert(network)
    write_metadata(model, source.facts | scaling(network))
    file = model.SerializeToString()
    try:
        difference = verify(file, network, source.rows)
    except Unverified as error:
        return _fail(f"not exported, this check failed: {error}", 1)
    return _done(folder / "ecg.onnx", file, f"{len(source.rows)} test rows", difference)


def _export_recordings(folder: Path) -> int:
    """The same of a model of recordings."""
    from export.metadata import schema_of
    from export.recordings import TrainedRecordings, convert, load, verify
    from export.rows import BadSource

    try:
        source = TrainedRecordings.read(folder)
        _import_tensorflow_quietly()
        network = load(source.network)
        model = convert(network, schema_of(source.facts))
    except BadSource as error:
        return _fail(str(error), 2)
    from export.metadata import write_metadata
    from export.verify import Unverified

    write_metadata(model, source.facts)
    file = model.SerializeToString()
    try:
        difference = verify(file, network, source.test_signals)
    except Unverified as error:
        return _fail(f"not exported, this check failed: {error}", 1)
    return _done(folder / "beats.onnx", file, f"{len(source.test_signals)} recordings", difference)


def _done(path: Path, file: bytes, verified_on: str, difference: float) -> int:
    replace(path, file)
    print(f"{path}: {len(file)} bytes, verified on {verified_on}, largest difference from Keras {difference:.1e}")
    return 0


def replace(path: Path, file: bytes) -> None:
    """Write a file atomically: under a temporary name, to the disk, then moved into place."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as writing:
        writing.write(file)
        writing.flush()
        os.fsync(writing.fileno())
    os.replace(draft, path)


def _import_tensorflow_quietly() -> None:
    """Import TensorFlow; what it says of CUDA, oneDNN and the processor is not printed, anything else is passed on."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices("GPU")
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            log.seek(0)
            os.write(2, b"".join(line for line in log if not START_UP.match(line)))


def _fail(sentence: str, status: int) -> int:
    print(f"export: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
