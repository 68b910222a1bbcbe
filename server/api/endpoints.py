"""The endpoints of this project's own API: /predict, /annotate, /health, /model and /model/beats."""

from collections.abc import Iterator
from http import HTTPStatus
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response

from server.api import predictions, responses
from server.api.annotations import encode_annotations, encode_rest, wants_report
from server.api.recording import Recording
from server.api.request_body import media_type, read, while_connected
from server.models.annotator import Annotator
from server.models.classifier import Classifier
from server.page.static_files import StaticFile, file_response
from server.serving.annotator_service import AnnotatorService, require_annotator
from server.serving.classifier_service import ClassifierService, require_classifier
from server.serving.graceful_shutdown import GracefulShutdown
from server.serving.hot_reload import HotReload


async def predict(request: Request) -> Response:
    """`POST /predict`: class and probability of one row or of many."""
    service = require_classifier(request)
    content_type = media_type(request, "application/json", "text/csv")
    body = await read(request)
    rows, many = (service.reader.csv(body), True) if content_type == "text/csv" else service.reader.json(body)
    pieces = predictions.pieces(service.model, rows)
    if many:
        began = perf_counter()
        answer = predictions.predictions(await request.state.time_slicer.run(pieces))
        return responses.json(answer, headers=service.headers | responses.timing(began))
    return responses.json(b"".join(pieces), headers=service.headers)


async def annotate(request: Request) -> Response:
    """`POST /annotate`: beats, rhythm and unreadable stretches of a recording, with `?report=json` its report too."""
    is_reported = wants_report(request.query_params.get("report"))
    service = require_annotator(request)
    recording = await _recording(request)
    began = perf_counter()
    pieces = await while_connected(request, _annotate(request, service, recording, is_reported))
    request.state.reservation.release()
    headers = service.headers | responses.timing(began)
    return responses.stream(request.state.time_slicer.stream(pieces), headers)


async def _recording(request: Request) -> Recording:
    content_type = media_type(request, "application/json", "application/octet-stream")
    body = await read(request)
    return Recording.from_json(body) if content_type == "application/json" else Recording.from_bytes(body, request.headers)


async def _annotate(request: Request, service: AnnotatorService, recording: Recording, is_reported: bool) -> Iterator[bytes]:
    """The JSON of the answer, which no longer needs the signal."""
    classes = service.model.contract.classes
    async with service.slot():
        await request.state.time_slicer.run(recording.decode())
        found = await service.annotate(recording.signal, recording.sampling_rate)
        unusual = await service.warnings(recording.signal, recording.sampling_rate, found)
        recording.forget_signal()
        episodes = await service.episodes(found, recording.duration_s)
        numbers = await service.report(found, episodes, recording.sampling_rate, recording.duration_s) if is_reported else None
        rest = await service.run_in_worker(encode_rest, found, episodes, recording, classes, unusual, numbers)
    return encode_annotations(found.beats, recording.sampling_rate, classes, rest)


async def health(request: Request) -> Response:
    """`GET /health`: 200 if this request and a further one on the same connection would be answered, else 503."""
    classifier: HotReload[ClassifierService] = request.state.classifier
    shutdown: GracefulShutdown = request.state.shutdown
    if classifier.service is not None and not shutdown.has_begun:
        return responses.json(predictions.encode(predictions.Health("healthy")))
    unhealthy = predictions.Health("unhealthy", "the server is stopping" if shutdown.has_begun else classifier.reason)
    return responses.json(predictions.encode(unhealthy), HTTPStatus.SERVICE_UNAVAILABLE)


async def model_file(request: Request) -> Response:
    """`GET /model`: the ONNX file of the classifier, to be run elsewhere."""
    return _file(request, require_classifier(request).model, "ecg.onnx")


async def beats_file(request: Request) -> Response:
    """`GET /model/beats`: the ONNX file of the annotator."""
    return _file(request, require_annotator(request).model, "beats.onnx")


def _file(request: Request, model: Classifier | Annotator, name: str) -> Response:
    found = StaticFile(model.file, "application/octet-stream", model.digest)
    return file_response(request, found, {"Content-Disposition": f'attachment; filename="{name}"'})
