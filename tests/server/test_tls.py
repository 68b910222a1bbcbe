"""HTTPS by uvicorn's own options."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import trustme


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who vouches for the server."""
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory) -> dict[str, str]:
    """A certificate for localhost and its key, as settings."""
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return {"ECG_TLS_CERTIFICATE": str(folder / "cert.pem"), "ECG_TLS_KEY": str(folder / "key.pem")}


@pytest.fixture(scope="module")
def secure(root, artifact, files, authority, free_port):
    """A client of a server over HTTPS that trusts the authority."""
    port, context = free_port(), ssl.create_default_context()
    authority.configure_trust(context)
    environment = {**os.environ, **files, "ECG_ARTIFACT": str(artifact), "ECG_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-m", "server"], cwd=root, env=environment, stderr=subprocess.DEVNULL) as server:
        with httpx2.Client(base_url=f"https://localhost:{port}", verify=context, transport=patient(context)) as client:
            yield client, environment
        server.kill()


def patient(context: ssl.SSLContext) -> httpx2.HTTPTransport:
    """Tries again to connect until the server is there."""
    return httpx2.HTTPTransport(verify=context, retries=8)


def test_every_way_answers_over_https(secure, example) -> None:
    """A row alone, many in a long body, a refusal, and a file; one connection for all."""
    client, _ = secure
    many = {"features": [example["features"]] * 500}

    assert client.post("/predict", json=example).status_code == 200
    assert len(client.post("/predict", json=many).json()["predictions"]) == 500
    assert client.post("/predict", json={"features": ["Doe"]}).status_code == 422
    assert client.post("/predict", content=b" " * 9_000_000, headers={"Content-Type": "application/json"}).status_code == 413
    assert client.get("/model").headers["etag"]
    assert client.post("/predict", json=example).status_code == 200


def test_health_is_asked_over_https_too(secure, root) -> None:
    """By the command that containers run."""
    _, environment = secure

    done = subprocess.run(
        [sys.executable, "-m", "server.healthcheck"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, '{"status":"healthy"}\n')


def test_plain_http_gets_no_answer(secure) -> None:
    """Nor does a version of TLS that is broken."""
    client, _ = secure
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    port = client.base_url.port

    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"http://localhost:{port}/health")
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"https://localhost:{port}/health", verify=old)


@pytest.mark.parametrize("missing", ["ECG_TLS_CERTIFICATE", "ECG_TLS_KEY", "both files"])
def test_a_server_without_its_certificate_does_not_start(root, files, free_port, missing) -> None:
    """Rather than without encryption: one sentence, exit code 2."""
    wrong = dict.fromkeys(files, str(Path(files["ECG_TLS_KEY"]).with_name("none.pem"))) if missing == "both files" else files
    given = {name: value for name, value in wrong.items() if name != missing}

    done = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=root,
        env={**os.environ, **given, "ECG_PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("server: ECG_TLS_CERTIFICATE and ECG_TLS_KEY: expected a certificate")
    assert done.stderr.count("\n") == 1
