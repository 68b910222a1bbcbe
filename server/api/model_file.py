"""`GET /model` and `GET /model/beats`: the ONNX files that answer, to be kept and run elsewhere."""

from starlette.requests import Request
from starlette.responses import Response

from server.models.annotator import Annotator
from server.models.classifier import Model
from server.page.static_files import StaticFile, file_response
from server.serving.annotator_service import require_annotator
from server.serving.classifier_service import require_classifier


async def model_file(request: Request) -> Response:
    """`GET /model`: the file that answers rows."""
    return _file(request, require_classifier(request).model, "ecg.onnx")


async def beats_file(request: Request) -> Response:
    """`GET /model/beats`: the one that annotates."""
    return _file(request, require_annotator(request).model, "beats.onnx")


def _file(request: Request, model: Model | Annotator, name: str) -> Response:
    found = StaticFile(model.file, "application/octet-stream", model.digest)
    return file_response(request, found, {"Content-Disposition": f'attachment; filename="{name}"'})
