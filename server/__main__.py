"""Serve an ECG classifier over REST: POST /predict, GET /health, GET /model, and the Open Inference Protocol under /v2.

Everything is set by environment variables; uvicorn's own WEB_CONCURRENCY is the number of processes. Ours:
"""

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING

from server.settings import BadSetting, from_environment, table

if TYPE_CHECKING:
    from starlette.applications import Starlette

GRACEFUL_SHUTDOWN_S = 10


def application() -> "Starlette":
    """The application of this environment, for each process that WEB_CONCURRENCY asks for."""
    from server.app import create_app

    return create_app(from_environment(os.environ))


def main() -> int:
    """Run the server; 0 when it was asked to stop, 2 for a setting it cannot use.

    What takes long to import is imported after SIGTERM has its handler: the first process of a container has no other.
    """
    # uvicorn drains, then raises the signal again: to have been asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _help()
    try:
        settings = from_environment(os.environ)
    except BadSetting as error:
        print(f"server: {error}", file=sys.stderr)
        return 2
    import uvicorn

    uvicorn.run(
        "server.__main__:application",
        factory=True,
        http="server.connection:Connection",
        ws="none",
        proxy_headers=False,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )
    return 0


def _help() -> None:
    rows = table()
    width = max(len(name) for name, _, _ in rows)
    settings = "\n".join(f"  {name:{width}}  {meaning}, default {default}" for name, default, meaning in rows)
    parser = argparse.ArgumentParser(
        prog="python -m server", description=f"{__doc__}\n{settings}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
