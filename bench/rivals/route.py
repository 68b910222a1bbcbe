"""A Starlette route that reads the body and answers constant bytes."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b'{"predicted_class":0,"probability":0.9989275336265564}'


async def predict(request: Request) -> Response:
    """Read everything, answer the same."""
    await request.body()
    return Response(BODY, media_type="application/json")


if __name__ == "__main__":
    application = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
    uvicorn.run(application, port=int(sys.argv[1]), access_log=False, server_header=False, log_level="warning")
