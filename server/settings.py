"""The server's settings, from environment variables that begin with ECG_."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

PREFIX = "ECG_"
PLATFORM_VARIABLES = {  # What SageMaker and Vertex AI tell a container, where the variable of the setting itself is not set.
    "port": ("SAGEMAKER_BIND_TO_PORT", "AIP_HTTP_PORT"),
    "health_route": ("AIP_HEALTH_ROUTE",),
    "predict_route": ("AIP_PREDICT_ROUTE",),
}
ROUTE = r"^(?:(?:/[A-Za-z0-9._~:@-]{1,64}){1,16})?\Z"
ROOT_PATH_PATTERN = r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]{1,64}){0,8}"
ORT_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


class BadSetting(Exception):
    """A variable holds what the server cannot use; the message says what was expected."""


class Settings(msgspec.Struct, frozen=True):
    """Every setting, its default and its meaning."""

    artifact: Annotated[str, Meta(min_length=1, title="a path", description="the ONNX file to answer with")] = (
        "artifacts/ecg.onnx"
    )
    beats: Annotated[
        str, Meta(min_length=1, title="a path", description="the ONNX file to annotate recordings with, if it is there")
    ] = "artifacts/beats.onnx"
    host: Annotated[str, Meta(min_length=1, title="an address", description="the address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, title="1 to 65535", description="the port to listen on")] = 5000
    log_level: Annotated[
        Literal["critical", "error", "warning", "info", "debug"],
        Meta(title="critical, error, warning, info or debug", description="how much to log"),
    ] = "info"
    max_body_bytes: Annotated[
        int, Meta(ge=1024, le=2**30, title="1024 to 1073741824", description="the longest request body that is read")
    ] = 8_388_608
    max_recording_bytes: Annotated[
        int,
        Meta(ge=1024, le=2**30, title="1024 to 1073741824", description="the longest recording that is read, sent as bytes"),
    ] = 134_217_728
    request_seconds: Annotated[
        int, Meta(ge=1, le=3600, title="1 to 3600", description="how long a request may take to come, in seconds")
    ] = 20
    log_format: Annotated[
        Literal["json", "text"], Meta(title="json or text", description="a line of the log, for programs or for people")
    ] = "json"
    api_keys_file: Annotated[str, Meta(title="a path", description="whose keys may ask, made by python -m server.keys")] = ""
    tls_certificate: Annotated[str, Meta(title="a path", description="the certificate for HTTPS, PEM")] = ""
    tls_key: Annotated[str, Meta(title="a path", description="its private key, PEM")] = ""
    cors_origins: Annotated[
        str, Meta(title="origins, separated by commas", description="pages of which other sites may ask from a browser")
    ] = ""
    ort_web_dir: Annotated[
        str, Meta(title="a path", description="the folder dist of onnxruntime-web, for the switch “in this browser” of the page")
    ] = ""
    keep_alive_seconds: Annotated[
        int, Meta(ge=1, le=3600, title="1 to 3600", description="how long an idle connection is kept open, in seconds")
    ] = 75
    root_path: Annotated[
        str,
        Meta(
            pattern=rf"^{ROOT_PATH_PATTERN}/?\Z",
            title="a path such as /ecg",
            description="the path prefix behind a proxy, whether the proxy strips it or not",
        ),
    ] = ""
    fast_path: Annotated[
        Literal["on", "off"],
        Meta(title="on or off", description="answer single rows without the ASGI application"),
    ] = "on"
    max_wait_ms: Annotated[
        int,
        Meta(
            ge=1,
            le=60_000,
            title="1 to 60000",
            description="how long rows may have to wait for those of others before they are refused, in milliseconds",
        ),
    ] = 1000
    health_route: Annotated[
        str, Meta(pattern=ROUTE, title="a path", description="a further path of `GET /health`, AIP_HEALTH_ROUTE on Vertex AI")
    ] = ""
    predict_route: Annotated[
        str,
        Meta(pattern=ROUTE, title="a path", description='where `{"instances": …}` is answered, AIP_PREDICT_ROUTE on Vertex AI'),
    ] = ""

    @property
    def artifact_path(self) -> Path:
        """Where the ONNX file is."""
        return Path(self.artifact)

    @property
    def beats_path(self) -> Path:
        """Where the ONNX file that annotates is."""
        return Path(self.beats)

    @property
    def api_keys_path(self) -> Path | None:
        """Where the keys are, if there are any."""
        return Path(self.api_keys_file) if self.api_keys_file else None

    @property
    def ort_path(self) -> Path | None:
        """Where onnxruntime-web is, if the page may run the models in the browser."""
        return Path(self.ort_web_dir) if self.ort_web_dir else None

    @property
    def prefix(self) -> str:
        """The path prefix behind a proxy, without a slash at its end."""
        return self.root_path.rstrip("/")

    @property
    def uses_fast_path(self) -> bool:
        """Whether single rows may take the fast path."""
        return self.fast_path == "on"

    @property
    def origins(self) -> list[str]:
        """The sites whose pages may ask."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings, from PLATFORM_VARIABLES where their own are not set; other variables are left alone.

    Raises BadSetting, which names the variable and what it may hold.
    """
    candidates = {name: (variable(name), *PLATFORM_VARIABLES.get(name, ())) for name in Settings.__struct_fields__}
    found = {name: [one for one in some if one in environment][:1] for name, some in candidates.items()}
    given = {name: environment[one] for name, ones in found.items() for one in ones}
    for name, text in given.items():
        try:
            msgspec.convert({name: text}, Settings, strict=False)
        except msgspec.ValidationError as error:
            raise BadSetting(f"{found[name][0]} is not usable, expected {meta(name).title}") from error
    return msgspec.convert(given, Settings, strict=False)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def meta(name: str) -> Meta:
    """What is said about a setting beside its type."""
    annotation: Any = get_type_hints(Settings, include_extras=True)[name]
    return next(item for item in annotation.__metadata__ if isinstance(item, Meta))


def table() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of every setting."""
    defaults = Settings()
    return [
        (variable(name), str(getattr(defaults, name)) or "none", f"{meta(name).description} ({meta(name).title})")
        for name in Settings.__struct_fields__
    ]
