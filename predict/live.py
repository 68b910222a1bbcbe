"""Play a recording to a server as if it came now, and print its beats as they are said.

  python -m predict --live ws://127.0.0.1:5000/stream 100.hea --lead MLII
  python -m predict --live wss://ecg.example/stream strap.csv --sampling-rate 130 --unit uV --key KEY

Printed: time, class and probability of each beat once it is final; at the end how many there are of each class. A missing
sample is sent as lying on a straight line between its neighbours: a stream has no gaps.
"""

import argparse
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect

from predict.command_line import add_reading_options
from predict.messages import print_error
from predict.recordings import files
from predict.recordings.files import ReadingOptions
from predict.recordings.signal import BadRecording, Signal

PACKET_S = 0.5
NORMAL = 1000


def main() -> int:
    """Run the command; 0 when all was answered, 2 if the file cannot be read or the server does not answer."""
    parser = argparse.ArgumentParser(
        prog="python -m predict", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--live", required=True, metavar="URL", help="where a server answers streams, such as ws://…/stream")
    parser.add_argument("file", type=Path, metavar="FILE", help="the recording")
    parser.add_argument("--key", help="an API key of the server")
    add_reading_options(parser)
    args = parser.parse_args()
    try:
        signal = files.read(args.file, ReadingOptions(args.lead, args.sampling_rate, args.unit))
        _play(_without_gaps(args.file, signal), args.live, args.key)
    except (BadRecording, OSError, InvalidURI, InvalidHandshake) as error:
        print_error(str(error))
    except ConnectionClosed as error:
        if error.rcvd and error.rcvd.code == NORMAL:
            return 0
        print_error(f"the server closed the stream: {error.rcvd.reason or error.rcvd.code if error.rcvd else 'it is gone'}")
    return 2


def _without_gaps(path: Path, signal: Signal) -> Signal:
    values = signal.millivolts
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        raise BadRecording(f"{path}: expected numbers in the lead {signal.lead}, found none")
    filled = np.interp(np.arange(len(values)), known, values[known]).astype("<f4")
    return Signal(signal.name, signal.lead, filled, signal.sampling_rate_hz, signal.notes)


def _play(signal: Signal, url: str, key: str | None) -> None:
    """Send and print until the server closes the stream, which raises ConnectionClosed."""
    query = urlencode({"sampling_rate": f"{signal.sampling_rate_hz:.9g}", "unit": "mV"})
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with connect(f"{url}?{query}", additional_headers=headers, compression=None) as stream:
        threading.Thread(target=_send, args=(stream, signal), daemon=True).start()
        for message in _messages(stream):
            for beat in (beat for beat in message["beats"] if beat["final"]):
                print(f"{beat['time_s']:10.3f} s  {beat['class']}  {beat['probability']:.3f}", flush=True)
            if "summary" in message:
                print(json.dumps(message["summary"]), flush=True)


def _send(stream: ClientConnection, signal: Signal) -> None:
    """Packets of PACKET_S as they would come, then the end."""
    began, rate, size = time.monotonic(), signal.sampling_rate_hz, max(1, round(PACKET_S * signal.sampling_rate_hz))
    try:
        for start in range(0, len(signal.millivolts), size):
            packet = signal.millivolts[start : start + size]
            time.sleep(max(0.0, began + (start + len(packet)) / rate - time.monotonic()))
            stream.send(packet.tobytes())
        stream.send('{"end": true}')
    except ConnectionClosed:
        pass  # Whoever receives sees it too.


def _messages(stream: ClientConnection) -> Iterator[dict[str, Any]]:
    while True:
        yield json.loads(stream.recv())
