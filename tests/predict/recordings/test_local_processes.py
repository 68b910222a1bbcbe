"""Several recordings on all processors: a process each, of which one that is killed takes no other recording with it."""

import os
import signal

from tqdm import tqdm

from predict.recordings import local_processes
from predict.recordings.annotate import Report, Task
from predict.recordings.files import ReadingOptions
from predict.recordings.local_processes import KILLED, in_processes
from predict.recordings.outputs.output_files import OutputFiles
from predict.recordings.report.page import PageOptions


def kill_the_process_of_c(task: Task) -> Report:
    """A report of every file but c, as whose memory the system has no more."""
    if task.path.name == "c":
        os.kill(os.getpid(), signal.SIGKILL)
    return Report(task.path.name)


def test_a_killed_process_takes_no_other_recording_with_it(beats, tmp_path) -> None:
    """All the others are answered once, and one sentence says why it is not."""
    tasks = [Task(tmp_path / name, ReadingOptions(), OutputFiles(tmp_path / name), PageOptions()) for name in "abcdef"]

    with tqdm(total=0, disable=True) as bar:
        reports = list(in_processes(kill_the_process_of_c, tasks, beats.read_bytes(), bar, processes=2))

    assert sorted(task.path.name for task, _ in reports) == list("abcdef")
    assert [report.fault for task, report in reports if task.path.name == "c"] == [f"{tmp_path / 'c'}: {KILLED}"]
    assert all(report.line == task.path.name for task, report in reports if task.path.name != "c")


def test_several_processes_answer_as_one_does(predict_inside, csv_of, beats, tmp_path, monkeypatch) -> None:
    """The same bytes, and a bad file is told of as ever."""
    files = [
        csv_of(tmp_path / "a.csv"),
        csv_of(tmp_path / "b.csv", seconds=12),
        csv_of(tmp_path / "bad.csv", header="time_s,II_kg"),
    ]
    answers: list[dict[str, bytes]] = []
    for processors in (1, 2):
        monkeypatch.setattr(local_processes, "processors", lambda number=processors: number)
        out = tmp_path / f"out{processors}"

        done = predict_inside(*files, out, "--artifact", beats)

        assert done.returncode == 2
        assert done.stderr.startswith(f"predict: {tmp_path / 'bad.csv'}: the lead II_kg has no unit")
        answers.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert len(answers[0]) == 12
    assert answers[0] == answers[1]
