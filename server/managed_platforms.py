"""The paths that managed platforms call: SageMaker's /ping and /invocations, and those that Vertex AI names in AIP_….

SageMaker: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
Vertex AI: https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements
"""

from time import perf_counter

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.api import endpoints, predictions, responses
from server.api.request_body import media_type, read
from server.api.rows import NOT_READ
from server.errors import MalformedRequest, WrongShape
from server.serving.classifier_service import require_classifier
from server.settings import Settings

EXPECTED = 'expected JSON like {"instances": [[f1, …, fn], …]}'


class Instances(msgspec.Struct):
    """The body of Vertex AI's requests; what it holds beside, `parameters` for one, is left alone."""

    instances: msgspec.Raw


_body = msgspec.json.Decoder(Instances)


async def ping(request: Request) -> Response:
    """SageMaker's `GET /ping`: what `GET /health` answers."""
    return await endpoints.health(request)


async def invocations(request: Request) -> Response:
    """SageMaker's `POST /invocations`: what `POST /predict` answers."""
    return await endpoints.predict(request)


async def vertex_health(request: Request) -> Response:
    """`GET` of Vertex AI's AIP_HEALTH_ROUTE: what `GET /health` answers."""
    return await endpoints.health(request)


async def vertex_predict(request: Request) -> Response:
    """`POST` of Vertex AI's AIP_PREDICT_ROUTE: `{"instances": [[…]]}` to `{"predictions": […]}`."""
    service = require_classifier(request)
    media_type(request, "application/json")
    rows = service.reader.data(_instances(await read(request)))
    began = perf_counter()
    try:
        pieces = await request.state.time_slicer.run(predictions.pieces(service.model, rows))
    except WrongShape as error:
        raise WrongShape(f"{EXPECTED} with {len(service.model.contract.features)} finite numbers each") from error
    return responses.json(predictions.predictions(pieces), headers=service.headers | responses.timing(began))


def _instances(body: bytearray) -> bytes:
    """The JSON of the list of rows; raises MalformedRequest or WrongShape if there is none."""
    try:
        instances = bytes(_body.decode(body).instances)
    except msgspec.ValidationError as error:
        raise WrongShape(EXPECTED) from error
    except NOT_READ as error:
        raise MalformedRequest(f"the body is not JSON, {EXPECTED}") from error
    if instances[:1] != b"[" or instances[1:].lstrip()[:1] != b"[":
        raise WrongShape(f"{EXPECTED}, a list of at least one row")
    return instances


def vertex_routes(settings: Settings) -> list[Route]:
    """The paths that Vertex AI has chosen; none elsewhere."""
    named = ((settings.health_route, vertex_health, "GET"), (settings.predict_route, vertex_predict, "POST"))
    return [Route(path, endpoint, methods=[verb]) for path, endpoint, verb in named if path]


routes = [Route("/ping", ping, methods=["GET"]), Route("/invocations", invocations, methods=["POST"])]
