"""Logging: one line per event, as JSON for programs or as text for people, written without blocking the event loop.

No line holds what a client sent, except the request ID: of an exception the log keeps type and stack, never the message,
which might repeat a value of a patient.
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

MAX_QUEUED_LINES = 10_000
FLUSH_TIMEOUT_S = 1.0
EXTRA = ("request_id", "trace_id", "path", "status", "reason", "rows", "seconds")

log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class JsonFormatter(logging.Formatter):
    """A JSON object: time, level, message, and those of EXTRA that the record has."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return _encode(_document(record)).decode()


class TextFormatter(logging.Formatter):
    """The same as text: time, level, message, then `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        document = _document(record)
        fields = [str(document.pop(key)) for key in ("time", "level", "message")]
        return " ".join([*fields, *(f"{key}={value}" for key, value in document.items())])


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


FORMATS: dict[str, type[logging.Formatter]] = {"json": JsonFormatter, "text": TextFormatter}


class BackgroundHandler(logging.Handler):
    """Writes to standard error from a thread of its own: a reader of the log that is slow, or stuck, delays no response.

    Lines are dropped while MAX_QUEUED_LINES are queued; their number is logged.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines = queue.Queue[str | None](MAX_QUEUED_LINES)
        self._dropped = 0
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            print(line, file=sys.stderr, flush=True)
            if self._dropped and self._lines.empty():
                dropped, self._dropped = self._dropped, 0
                log.warning("%d lines were dropped: the log is not read as fast as it is written", dropped)

    def close(self) -> None:
        """Wait up to FLUSH_TIMEOUT_S for the queued lines to be written."""
        if self._writer.is_alive() and not self._lines.full():
            self._lines.put_nowait(None)
            self._writer.join(FLUSH_TIMEOUT_S)
        super().close()


def logging_config(log_level: str, log_format: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything goes to standard error, in one format."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[log_format]}},
        "handlers": {"lines": {"()": BackgroundHandler, "formatter": "line"}},
        "root": {"level": log_level.upper(), "handlers": ["lines"]},
    }
