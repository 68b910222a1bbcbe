"""Send one request without pause until told to stop: `python nonstop.py PORT PATH BODY HEADER…`.

Its send buffer is small: with a large one the kernel copies megabytes at a time on the core of the client that is measured,
and what that client then sees is its own core, not the server.
"""

import socket
import sys
from pathlib import Path

SEND_BUFFER_BYTES = 65_536

port, path, body, *headers = sys.argv[1:]
content = Path(body).read_bytes()
lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(content)}", *headers, "", ""]
request = "\r\n".join(lines).encode() + content
with socket.socket() as wire:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    wire.connect(("127.0.0.1", int(port)))
    answers = wire.makefile("rb")
    for count in range(sys.maxsize):
        wire.sendall(request)
        status = answers.readline()
        if b" 200 " not in status:
            sys.exit(f"expected 200, got {status!r}")
        fields = dict(line.lower().split(b": ") for line in iter(answers.readline, b"\r\n"))
        answers.read(int(fields[b"content-length"]))
        if count == 0:
            print("answered", flush=True)
