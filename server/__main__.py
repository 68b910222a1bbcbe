"""Serve an ECG classifier over REST: POST /predict, GET /health, a page at GET /, and what GET /docs tells of.

Everything is set by environment variables; uvicorn's own WEB_CONCURRENCY is the number of processes. Ours:
"""

import argparse
import logging.config
import multiprocessing
import os
import resource
import signal
import socket
import ssl
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from server.http import FAST_PATH_PROTOCOL, MAX_MESSAGE_BYTES, UVICORN_PROTOCOL, WEBSOCKET_PROTOCOL, is_tested
from server.observability.logs import logging_config
from server.observability.multiprocess import find_counters_folder, shared_counters_folder
from server.settings import ORT_FILES, BadSetting, Settings, from_environment, table

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn import Config

GRACEFUL_SHUTDOWN_S = 10
ACCEPTED_AT_ONCE = 16
STARTUP_FAILURE = 3  # uvicorn's own exit code where it could not start

log = logging.getLogger(__name__)


def application() -> "ASGIApp":
    """The application of this environment, for each process that WEB_CONCURRENCY asks for."""
    from server.app import create_app

    parent = multiprocessing.parent_process()
    return create_app(from_environment(os.environ), find_counters_folder(parent.pid) if parent else None)


def main() -> int:
    """Run the server; 0 when it was asked to stop, 2 for a setting it cannot use.

    What takes long to import is imported after SIGTERM has its handler: the first process of a container has no other.
    """
    # uvicorn drains, then raises the signal again: to have been asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _help()
    try:
        settings = from_environment(os.environ)
        _require_usable(settings)
    except BadSetting as error:
        print(f"server: {error}", file=sys.stderr)
        return 2
    _allow_many_files()
    with shared_counters_folder(os.getpid()):
        _run(settings)
    return 0


def _allow_many_files() -> None:
    """Raise the limit of open files, of which each connection is one, from what is usual to what is allowed."""
    _, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


def _require_usable(settings: Settings) -> None:
    """Look at the files that the settings name; raises BadSetting, so that no server starts that lets in the wrong people."""
    from server.api_keys import ApiKeys, BadKeys

    ort = settings.ort_path
    if ort and not all((ort / name).is_file() for name in ORT_FILES):
        raise BadSetting(f"ECG_ORT_WEB_DIR: expected the folder dist of onnxruntime-web, with {', '.join(ORT_FILES)}")
    try:
        ApiKeys(settings.api_keys_path)
        if settings.tls_certificate or settings.tls_key:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except BadKeys as error:
        raise BadSetting(str(error)) from error
    except (OSError, ssl.SSLError) as error:
        raise BadSetting("ECG_TLS_CERTIFICATE and ECG_TLS_KEY: expected a certificate and its private key, both PEM") from error


def _run(settings: Settings) -> None:
    import uvicorn.supervisors

    config = _config(settings)
    sockets = listening_sockets(config)
    if config.workers > 1:
        uvicorn.supervisors.Multiprocess(config, sockets).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _config(settings: Settings) -> "Config":
    import uvicorn

    log_config = logging_config(settings.log_level, settings.log_format)
    logging.config.dictConfig(log_config)
    return uvicorn.Config(
        "server.__main__:application",
        factory=True,
        http=http_protocol(settings, uvicorn.__version__),
        ws=WEBSOCKET_PROTOCOL,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        proxy_headers=False,
        host=settings.host,
        port=settings.port,
        log_config=log_config,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )


def listening_sockets(config: "Config") -> list[socket.socket]:
    """The socket to listen on, ACCEPTED_AT_ONCE times, with one queue of connections.

    libuv accepts one connection a socket in each iteration of the event loop. An iteration is a run of rows under load, so
    with one socket the last of 1,000 clients that connect at once would wait for 1,000 runs.
    """
    first = config.bind_socket()
    others = [first.dup() for _ in range(ACCEPTED_AT_ONCE - 1)]
    for other in others:
        other.set_inheritable(True)
    return [first, *others]


def http_protocol(settings: Settings, uvicorn_version: str) -> str:
    """The class that uvicorn speaks HTTP with, by its import path or uvicorn's own name for it."""
    if settings.uses_fast_path and not is_tested(uvicorn_version):
        log.warning("the fast path is off: it was not tested with uvicorn %s", uvicorn_version)
        return UVICORN_PROTOCOL
    return FAST_PATH_PROTOCOL if settings.uses_fast_path else UVICORN_PROTOCOL


def _help() -> None:
    rows = table()
    width = max(len(name) for name, _, _ in rows)
    settings = "\n".join(f"  {name:{width}}  {meaning}, default {default}" for name, default, meaning in rows)
    parser = argparse.ArgumentParser(
        prog="python -m server", description=f"{__doc__}\n{settings}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("serve", nargs="?", choices=["serve"], help="what SageMaker starts a container with: changes nothing")
    parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
