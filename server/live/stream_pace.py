"""How fast the samples of a stream may come: as a heart makes them, with some tolerance for clocks and for what was held up."""

from server.live.stream_errors import TooFast

BURST_S = 15.0  # of signal that may come ahead of time
FASTER = 1.1  # than the sampling rate says: no two clocks agree
PATIENCE_S = 20.0  # for a client that is slowed down, and does not become slower itself
SILENCE_S = 30.0  # in which at least a second of signal must come
PACKET_S = 0.002  # which a packet counts for at least, however few samples it holds


class StreamPace:
    """Says how long to wait before more is read of a stream (backpressure), and when it is closed.

    silent_until  when it is closed if no whole second of signal has come by then

    All times are of one clock, in s.
    """

    def __init__(self, sampling_rate: float, now: float) -> None:
        self._sampling_rate, self._began, self._in_time_at = sampling_rate, now, now
        self._signal_s = self._counted_s = 0.0
        self.silent_until = now + SILENCE_S

    def record(self, samples: int, now: float) -> float:
        """Count a packet; returns for how many seconds no more is to be read. Raises TooFast."""
        packet_s = samples / self._sampling_rate
        if int(self._signal_s + packet_s) > int(self._signal_s):
            self.silent_until = now + SILENCE_S
        self._signal_s += packet_s
        self._counted_s += max(packet_s, PACKET_S)
        ahead_s = self._counted_s - BURST_S - FASTER * (now - self._began)
        if ahead_s <= 0:
            self._in_time_at = now
        elif now - self._in_time_at > PATIENCE_S:
            raise TooFast("expected samples as they come, more than a second of them came in a second")
        return max(0.0, ahead_s / FASTER)
