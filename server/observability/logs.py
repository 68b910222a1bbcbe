"""What the server says of itself: a line an event, as JSON for programs or as text for people.

No line holds what a client sent, but the request's name: of a failure the log keeps its type and where it was, and never the
message, which might repeat a value.
"""

import logging
import queue
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

MOST_LINES = 10_000
LAST_LINES_S = 1.0
EXTRA = ("request_id", "path", "status", "reason", "rows", "seconds")

_encode = msgspec.json.Encoder().encode
_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Json(logging.Formatter):
    """{"time", "level", "message"} and what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return _encode(_document(record)).decode()


class Text(logging.Formatter):
    """The same, to be read."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        document = _document(record)
        begin = [str(document.pop(key)) for key in ("time", "level", "message")]
        return " ".join([*begin, *(f"{key}={value}" for key, value in document.items())])


def _document(record: logging.LogRecord) -> dict[str, Any]:
    document = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "message": record.getMessage().strip(),
    }
    document |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
    return document | (_failure(record.exc_info) if record.exc_info else {})


def _failure(error: _Failure) -> dict[str, Any]:
    kind, _, trace = error
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return {"failure": kind.__name__ if kind else None, "at": places}


FORMATS: dict[str, type[logging.Formatter]] = {"json": Json, "text": Text}


class Patient(logging.Handler):
    """Writes to standard error from a thread of its own: whoever reads the log slowly, or not at all, holds up no answer.

    Lines that find MOST_LINES waiting are lost, and it is said how many.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines = queue.Queue[str | None](MOST_LINES)
        self._lost = 0
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Leave the line to the thread."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._lost += 1

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            print(line, file=sys.stderr, flush=True)
            if self._lost and self._lines.empty():
                lost, self._lost = self._lost, 0
                logging.getLogger(__name__).warning("%d lines were lost: the log is not read as fast as it is written", lost)

    def close(self) -> None:
        """Wait a moment for the last lines to be written."""
        if self._writer.is_alive() and not self._lines.full():
            self._lines.put_nowait(None)
            self._writer.join(LAST_LINES_S)
        super().close()


def logging_config(level: str, form: str) -> dict[str, Any]:
    """For logging.config: everything that is logged goes to standard error, in one form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[form]}},
        "handlers": {"lines": {"()": Patient, "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["lines"]},
    }
