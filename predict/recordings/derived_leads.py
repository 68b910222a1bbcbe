"""Limb leads that a file does not store, because they follow from I and II."""

from predict.recordings.signal import Channel, OpenRecording, Samples

SHARES = {
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}  # of I and of II (Einthoven, Goldberger)


def with_derived(recording: OpenRecording) -> OpenRecording:
    """The same with those of III, aVR, aVL and aVF that are not there, where I and II are, in one unit."""
    names = [channel.name for channel in recording.channels]
    if not {"I", "II"} <= set(names):
        return recording
    one, two = (recording.channels[names.index(name)] for name in ("I", "II"))
    there = {name.casefold() for name in names}
    missing = [name for name in SHARES if name.casefold() not in there and one.unit == two.unit]
    channels = [*recording.channels, *(Channel(name, one.unit) for name in missing)]

    def read(index: int) -> Samples:
        if index < len(names):
            return recording.read(index)
        return _combined(recording.read(names.index("I")), recording.read(names.index("II")), *SHARES[channels[index].name])

    return OpenRecording(channels, read)


def _combined(one: Samples, two: Samples, share_of_one: float, share_of_two: float) -> Samples:
    """A weighted sum of two leads; raises ValueError where they do not have as many samples."""
    pairs = zip(one.blocks, two.blocks, strict=True)
    blocks = [share_of_one * in_one + share_of_two * in_two for in_one, in_two in pairs]
    return Samples(blocks, one.sampling_rate_hz, (*one.notes, "computed from I and II"))
