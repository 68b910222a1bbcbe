"""`python -m train`, run as a person runs it."""

import json
import struct

import numpy as np
import pytest

PLOTS = ("confusion", "roc", "reliability", "learning", "beats")


def test_what_training_leaves_behind(trained) -> None:
    """Network, facts, test rows, example, report: all there, nothing else, no draft."""
    names = {
        str(path.relative_to(trained)) for path in trained.rglob("*") if path.is_file() and path.suffix not in (".log", ".onnx")
    }

    report = {f"report/{name}" for name in ("report.md", "metrics.json", *(f"{name}.png" for name in PLOTS))}
    assert names == {"ecg.keras", "ecg.json", "test.npz", "example.json"} | report


@pytest.mark.parametrize("name", PLOTS)
def test_the_plots_are_images(trained, name) -> None:
    """PNG files of a size to look at, and not blank."""
    data = (trained / "report" / f"{name}.png").read_bytes()

    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert min(struct.unpack(">II", data[16:24])) >= 400
    assert len(data) > 8000


def test_the_numbers_agree_wherever_they_stand(trained) -> None:
    """metrics.json, ecg.json, the report and the terminal say the same of the test part."""
    metrics = json.loads((trained / "report/metrics.json").read_text())
    facts = json.loads((trained / "ecg.json").read_text())
    labels = np.load(trained / "test.npz")["labels"]

    counts = np.array(metrics["confusion_matrix"])
    assert metrics == facts["metrics"]
    assert counts.sum() == len(labels) == facts["trained_on"]["split"]["test"]
    assert counts.trace() / counts.sum() == pytest.approx(metrics["accuracy"])
    assert {"accuracy", "macro_f1", "roc_auc", "ece", "per_class"} <= metrics.keys()
    for text in ((trained / "report/report.md").read_text(), (trained / "train.log").read_text()):
        assert f"{metrics['accuracy']:.4f}" in text
        assert "macro avg" in text
    assert metrics["accuracy"] > 0.9


def test_a_model_of_generated_beats_says_so(trained) -> None:
    """In its facts, its report and on the terminal."""
    facts = json.loads((trained / "ecg.json").read_text())

    assert facts["trained_on"]["synthetic"]
    for text in (facts["intended_use"], (trained / "report/report.md").read_text(), (trained / "train.log").read_text()):
        assert "knows nothing about real hearts" in text
        assert "Not a medical device" in text


@pytest.mark.parametrize("name", ["train", "export"])
def test_nothing_is_printed_on_standard_error(trained, name) -> None:
    """Neither what TensorFlow says of CUDA, oneDNN and the processor nor anything else."""
    assert (trained / f"{name}-errors.log").read_text() == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--data", "nowhere.csv"], "train: nowhere.csv: no such file\n"),
        (["--data", "."], "train: .: a folder, expected files of rows; folders of recordings are read with --task annotation\n"),
        (["--data", "artifacts/beats.onnx"], "train: artifacts/beats.onnx: not a text file, expected rows as text"),
        (["--epochs", "0"], "expected a whole number of at least 1"),
        (["--seed", "-1"], "expected a whole number from 0"),
        (["--label", "kind"], "--test, --label, --group, --drop, --keep, --split and --lead need --data"),
        (["--out", "Makefile"], "train: Makefile: cannot write there (File exists)\n"),
    ],
)
def test_bad_arguments_are_refused_with_one_sentence(command_inside, monkeypatch, arguments, sentence) -> None:
    """On standard error, with exit code 2, before TensorFlow is loaded."""
    monkeypatch.setattr("train.__main__.import_quietly", pytest.fail)

    done = command_inside("train", *arguments)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_words_as_labels_and_two_classes_become_an_artifact(command_inside, table, tmp_path) -> None:
    """A small file of features that are no signal goes all the way; its identifiers are left out, which every output says."""
    rng = np.random.default_rng(0)
    rows = [f"{i},p{i % 12},{rng.normal(3 * (i % 2)):.3f},{rng.normal():.3f},{('AF', 'sinus')[i % 2]}" for i in range(240)]
    path = table("ecg_id,Patient-ID,rr,qt,Label\n" + "\n".join(rows) + "\n")

    done = command_inside("train", "--data", path, "--epochs", "5", "--out", tmp_path)
    exported = command_inside("export", "--out", tmp_path)

    facts = json.loads((tmp_path / "ecg.json").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    assert (exported.returncode, exported.stderr) == (0, "")
    assert facts["classes"] == ["AF", "sinus"]
    assert facts["features"] == ["rr", "qt"]
    assert facts["trained_on"]["split"]["by"] == "patient"
    assert facts["trained_on"]["split"]["column"] == "Patient-ID"
    assert facts["trained_on"]["left_out"] == ["ecg_id"]
    assert "split by patient (rows with the same Patient-ID stay together); left out: ecg_id\n" in done.stdout
    assert "Split by patient, rows with the same Patient-ID on one side: " in (tmp_path / "report/report.md").read_text()
    assert "| columns left out | ecg_id |" in (tmp_path / "report/report.md").read_text()
    assert facts["network"]["shift_samples"] == 0
    assert facts["metrics"]["accuracy"] > 0.8


def test_the_numbers_on_the_widely_used_file(command_inside, real, tmp_path) -> None:
    """ecg.csv, a fifth held out: accuracy at least 0.990, ROC AUC at least 0.999."""
    done = command_inside("train", "--data", real / "ecg.csv", "--out", tmp_path)

    metrics = json.loads((tmp_path / "report/metrics.json").read_text())
    assert done.returncode == 0, done.stderr
    assert metrics["accuracy"] >= 0.990
    assert metrics["roc_auc"] >= 0.999


def test_the_numbers_on_the_official_halves(command_inside, real, tmp_path) -> None:
    """ECG5000, seed 0: at least what the mean over five seeds must be."""
    halves = real / "ecg5000"
    data = ["--data", halves / "ECG5000_TRAIN.txt", "--test", halves / "ECG5000_TEST.txt"]

    done = command_inside("train", *data, "--out", tmp_path)

    metrics = json.loads((tmp_path / "report/metrics.json").read_text())
    assert done.returncode == 0, done.stderr
    assert metrics["accuracy"] >= 0.941
    assert metrics["macro_f1"] >= 0.60
