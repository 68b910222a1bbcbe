"""Many rows in a bare ASGI application: what anybody would write by hand with the same packages, without a check.

POST /predict decodes JSON with msgspec, POST /tensor takes float32 as they are, POST /decode only decodes.
"""

import os
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import msgspec
import numpy as np
import onnxruntime
import uvicorn

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[2], options, providers=["CPUExecutionProvider"])


class Rows(msgspec.Struct):
    """A request."""

    features: list[list[float]]


decode = msgspec.json.Decoder(Rows).decode


def answer(path: str, body: bytes) -> bytes:
    """Run the model on all rows at once."""
    if path == "/tensor":
        features = np.frombuffer(body, np.float32).reshape(-1, session.get_inputs()[0].shape[1])
        return b"".join(output.tobytes() for output in session.run(None, {"features": features}))
    rows = decode(body).features
    if path == "/decode":
        return b"{}"
    outputs = session.run(["predicted_class", "probability"], {"features": np.array(rows, np.float32)})
    names = ("predicted_class", "probability")
    return msgspec.json.encode([dict(zip(names, row, strict=True)) for row in zip(*(o.tolist() for o in outputs), strict=True)])


async def application(scope, receive, send) -> None:
    """Read everything, answer."""
    if scope["type"] == "lifespan":
        return
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message["body"])
        more = message.get("more_body", False)
    body = answer(scope["path"], b"".join(parts))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(application, port=int(sys.argv[1]), lifespan="off", access_log=False, server_header=False, log_level="warning")
