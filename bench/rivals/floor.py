"""The floor: a bare ASGI application that reads the body and answers constant bytes."""

import sys

import uvicorn

BODY = b'{"predicted_class":0,"probability":0.9989275336265564}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]


async def application(scope, receive, send) -> None:
    """Read everything, answer the same."""
    if scope["type"] == "lifespan":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(application, port=int(sys.argv[1]), lifespan="off", access_log=False, server_header=False, log_level="warning")
