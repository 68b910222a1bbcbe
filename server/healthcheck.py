"""The container's health check, `python -m server.healthcheck`: asks `GET /health` of the server on this machine.

Exit status 0 if it is healthy, 1 if it answers that it is not, 2 if it does not answer. The image has no curl.
"""

import os
import ssl
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from server.settings import Settings, from_environment

TIMEOUT_S = 2


def main() -> int:
    """Print the response body, and return the exit status."""
    connection = _connection(from_environment(os.environ))
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        print(answer.read().decode())
    except (OSError, HTTPException) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 2
    return 0 if answer.status == HTTPStatus.OK else 1


def _connection(settings: Settings) -> HTTPConnection:
    """To this machine; the TLS certificate, which is for another host name, is not verified."""
    if not settings.tls_certificate:
        return HTTPConnection(settings.host, settings.port, timeout=TIMEOUT_S)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(settings.host, settings.port, timeout=TIMEOUT_S, context=context)


if __name__ == "__main__":
    sys.exit(main())
