"""Send one request without pause until told to stop: `python nonstop.py PORT PATH BODY HEADER…`.

Its send buffer is small: with a large one the kernel copies megabytes at a time on the core of the client that is measured,
and what that client then sees is its own core, not the server.
"""

import socket
import sys
from http import HTTPStatus
from http.client import HTTPResponse
from pathlib import Path

SEND_BUFFER_BYTES = 65_536

port, path, body, *headers = sys.argv[1:]
content = Path(body).read_bytes()
lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(content)}", *headers, "", ""]
request = "\r\n".join(lines).encode() + content
with socket.socket() as wire:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    wire.connect(("127.0.0.1", int(port)))
    for count in range(sys.maxsize):
        wire.sendall(request)
        with HTTPResponse(wire, method="POST") as answer:  # chunked, too
            answer.begin()
            if answer.status != HTTPStatus.OK:
                sys.exit(f"expected 200, got {answer.status}")
            answer.read()
        if count == 0:
            print("answered", flush=True)
