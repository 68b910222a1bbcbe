"""HTTP/1.1: uvicorn's protocol with limits, and a fast path that answers one row without the ASGI application.

The fast path is an optimisation on the internals of uvicorn's `HttpToolsProtocol`; it saves the scope, the task and the
messages of a request, about half of what a row costs. It leans on:

- the parser's callbacks `on_message_begin`, `on_headers_complete`, `on_body` and `on_message_complete` being methods of the
  protocol, and `on_message_begin` being where the scope is made;
- the parser keeping nothing of one request for the next: a request whose head is known does not pass through it;
- `cycle`, the request being answered, and of it `keep_alive`, `more_body`, `response_started`, `response_complete`,
  `disconnected`, `message_event` and `transport`: a `FastRequest` takes its place;
- `on_response_complete` starting the next request of `pipeline`, and `timeout_keep_alive_task` closing idle connections;
- `flow.pause_reading`, `flow.resume_reading` and `flow.write_paused`;
- `app_state`, `connections`, and `server_state.default_headers` being replaced once a second, with the date;
- `shutdown` closing a connection whose `cycle` has `response_complete`.

With a version of uvicorn on which this was not tested, or with ECG_FAST_PATH=off, the server runs on uvicorn's own protocol:
every request takes the ASGI application. Then the length of a body, the time it takes and the memory of all bodies are still
limited (`server.api.request_body`); the size of a head, pipelined requests and the number of idle connections are not, and
what is not HTTP gets uvicorn's answer in plain text. To admit a new version: run the tests with it, which go both ways, and
add it to TESTED_UVICORN.
"""

TESTED_UVICORN = ("0.54.0",)
FAST_PATH_PROTOCOL = "server.http.fast_path:FastPathProtocol"
UVICORN_PROTOCOL = "auto"
WEBSOCKET_PROTOCOL = "server.live.websocket_protocol:StreamProtocol"
MAX_MESSAGE_BYTES = 65_536  # of a WebSocket; uncompressed: a few bytes could be unpacked to more than the memory holds


def is_tested(uvicorn_version: str) -> bool:
    """Whether the fast path was tested with this version of uvicorn."""
    return uvicorn_version in TESTED_UVICORN
