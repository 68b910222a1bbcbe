"""What is live on the page: a recording as it was taken, and a strap that is not there, with frames by its specification."""

import struct

import numpy as np
import pytest

ECG, ACCELERATION = 0, 2
RATE_HZ, A_FRAME = 130, 73
NS_A_FRAME = 1e9 * A_FRAME / RATE_HZ


def frame(microvolts: np.ndarray, end_ns: float, measurement: int = ECG, kind: int = 0) -> list[int]:
    """A frame of Polar's Measurement Data Specification: what it holds, when its last sample was taken, samples of 24 bits."""
    head = struct.pack("<BQB", measurement, int(end_ns), kind)
    return list(head + b"".join(int(value).to_bytes(3, "little", signed=True) for value in microvolts))


@pytest.fixture(scope="module")
def frames(recording) -> list[list[int]]:
    """Frames of 12 s of an ECG, of which the sixth is lost on the way."""
    signal, rate = recording(12)
    places = np.arange(0, len(signal) - 1, rate / RATE_HZ)
    microvolts = 1000 * np.interp(places, np.arange(len(signal)), signal)
    starts = range(0, len(microvolts) - A_FRAME, A_FRAME)
    sent = [frame(microvolts[i : i + A_FRAME], 5e17 + i * NS_A_FRAME / A_FRAME) for i in starts]
    return sent[:5] + sent[6:]


def test_frames_of_a_strap_are_read(visit, site) -> None:
    """Signed samples of 24 bits in µV; by the times of frames what was lost between two; nothing of other measurements."""
    values = np.array([0, 1, -1, 1500, -1500, 8_388_607, -8_388_608])
    late = 4e17 + 1e9 * 10 / RATE_HZ  # Seven samples of ten are there.
    given = [
        frame(values, 4e17),
        frame(values, 4e17, ACCELERATION),
        frame(values, late, kind=1),
        frame(values, late),
        frame(values, late + 3600e9)[:13],
        [],
    ]

    read = visit("frames", site, frames=given)["read"]

    assert read[0] == pytest.approx(values / 1000, rel=1e-6)
    assert (read[1], read[2], read[5]) == ([], [], [])
    assert read[3] == [None] * 3 + read[0]
    assert read[4] == [None] * 10 * RATE_HZ + [0]


def test_a_recording_is_played_live(visit, site) -> None:
    """By keyboard: its names appear over it, its rhythm is said, and once it is stopped it is answered as any other."""
    saw = visit("live", site)

    assert saw["during"]["focused"] == "stop"
    assert {"Duration", "Rhythm"} <= set(saw["during"]["facts"])
    assert "rhythm" in saw["during"]["said"]
    assert saw["during"]["violations"] == []
    assert saw["after"]["error"] == ""
    assert saw["after"]["name"] == saw["during"]["name"] == "Example: a recording"
    assert 1 <= int(saw["after"]["facts"]["Beats"]) < 72


def test_the_ecg_of_a_strap_is_annotated(visit, site, frames) -> None:
    """It is asked for 130 Hz and 14 bits; when it is gone all that it sent is answered, without what was lost on the way."""
    saw = visit("strap", site, frames=frames, status=0)

    chosen, service, *notified, start = saw["calls"][:5]
    assert chosen == {"filters": [{"namePrefix": "Polar H10"}], "optionalServices": [service]}
    assert service == "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
    assert notified == ["notify fb005c81", "notify fb005c82"]
    assert start == [2, 0, 0, 1, 130, 0, 1, 1, 14, 0]
    assert set(saw["calls"][5:]) == {"disconnect"}
    assert (saw["error"], saw["name"]) == ("", "Polar H10")
    assert saw["facts"]["Duration"] == f"0:{(len(frames) + 1) * A_FRAME // RATE_HZ:02}"
    assert saw["notes"][0] == "0.56 s without signal."
    assert int(saw["facts"]["Beats"]) >= 8


def test_a_strap_that_refuses_is_reported(visit, site) -> None:
    """With the status it gave."""
    assert visit("strap", site, frames=[], status=6)["error"] == "Polar H10: status 6"
