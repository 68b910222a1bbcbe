"""What an ECG hardly ever is, is said; what it often is, is not."""

import numpy as np
import pytest

from server.models.plausibility import warnings

RATE_HZ = 100.0
WAVE = np.sin(np.arange(2000) / 5).astype(np.float32)


@pytest.mark.parametrize(
    ("millivolts", "beats", "words"),
    [
        (WAVE, 25, []),
        (WAVE * 1e-2, 25, ["20 µV"]),
        (WAVE * 1e3, 25, ["2e+03 mV"]),
        (WAVE, 0, ["no beat was found in 20 s"]),
        (WAVE[:900], 0, []),
        (np.where(np.arange(2000) < 5, 50, WAVE), 25, []),
        (np.full(2000, np.nan, np.float32), 0, []),
    ],
)
def test_what_is_unusual_is_said(millivolts, beats, words) -> None:
    """An amplitude that hints at a wrong gain, and ten seconds without a beat; an artefact of some samples is no amplitude."""
    said = warnings(millivolts, RATE_HZ, beats)

    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))
