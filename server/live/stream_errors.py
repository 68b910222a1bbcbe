"""Why a stream is closed by the server before its end: the code and the reason of the close frame (RFC 6455, section 7.4).

StreamError       1011   the server failed to answer
├── WrongFrame    1007   what came is no packet of samples
├── FrameTooLong  1009   a packet is longer than the limit
├── Restarting    1012   the server stops, another one may answer
├── NoSignal      4408   no signal came for too long (as 408 of HTTP)
└── TooFast       4429   samples come faster than a heart makes them (as 429)
"""


class StreamError(Exception):
    """The stream cannot go on; the message is one sentence that holds nothing of what came, of at most 123 bytes."""

    code = 1011


class WrongFrame(StreamError):
    """What came is no packet of samples."""

    code = 1007


class FrameTooLong(StreamError):
    """A packet is longer than the limit."""

    code = 1009


class Restarting(StreamError):
    """The server stops."""

    code = 1012


class NoSignal(StreamError):
    """No signal came for too long."""

    code = 4408


class TooFast(StreamError):
    """Samples come faster than a heart makes them."""

    code = 4429
