"""A path prefix behind a proxy: everything works under it, whether the proxy strips it or not."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings

PREFIX = {"X-Forwarded-Prefix": "/ecg"}


@pytest.fixture(scope="module")
def prefixed(artifact, beats) -> Iterator[TestClient]:
    """The application that is told of its prefix."""
    with TestClient(create_app(Settings(str(artifact), str(beats), root_path="/ecg/"))) as client:
        yield client


@pytest.mark.parametrize("path", ["/health", "/v2", "/v2/models/ecg", "/docs", "/openapi.json", "/metrics", "/page/main.js"])
def test_a_configured_prefix_is_answered_with_and_without(prefixed, path) -> None:
    """For proxies that leave it in the path, and for those that strip it."""
    assert prefixed.get(f"/ecg{path}").status_code == 200
    assert prefixed.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/ecg/nowhere", "/ecgs/health", "/ecg/ecg/health", "/ECG/health"])
def test_what_only_looks_like_the_prefix_is_not_found(prefixed, path) -> None:
    """It is stripped once, as a whole part of the path."""
    assert prefixed.get(path).status_code == 404


def test_rows_are_answered_under_the_prefix(prefixed, example) -> None:
    """And counted under the path without it."""
    assert prefixed.post("/ecg/predict", json=example).status_code == 200
    assert 'path="/predict"' in prefixed.get("/metrics").text
    assert "/ecg" not in prefixed.get("/metrics").text


def test_the_prefix_without_a_slash_leads_to_the_page(prefixed) -> None:
    """Relative to the host, so that no proxy's name needs to be known."""
    answer = prefixed.get("/ecg", follow_redirects=False)

    assert answer.status_code == 307
    assert answer.headers["location"] == "/ecg/"
    assert prefixed.get("/ecg").text.startswith("<!doctype html>")


def test_documents_and_page_carry_the_configured_prefix(prefixed) -> None:
    """Servers, lines of curl, and what the page's links are relative to."""
    assert prefixed.get("/openapi.json").json()["servers"] == [{"url": "/ecg"}]
    assert "curl http://testserver/ecg/health" in prefixed.get("/docs").text
    assert '<base href="/ecg/">' in prefixed.get("/ecg/").text
    assert "base-uri 'self'" in prefixed.get("/ecg/").headers["content-security-policy"]


def test_documents_and_page_carry_the_prefix_that_a_proxy_tells(client) -> None:
    """With the scheme that it tells, too."""
    told = {**PREFIX, "X-Forwarded-Proto": "https", "Host": "clinic.example"}

    assert client.get("/openapi.json", headers=told).json()["servers"] == [{"url": "/ecg"}]
    assert "curl https://clinic.example/ecg/health" in client.get("/docs", headers=told).text
    assert '<base href="/ecg/">' in client.get("/", headers=told).text


def test_without_a_prefix_nothing_is_said_of_one(client) -> None:
    """The documents are as they were."""
    assert client.get("/openapi.json").json()["servers"] == [{"url": "/"}]
    assert "<base" not in client.get("/").text
    assert "base-uri 'none'" in client.get("/").headers["content-security-policy"]


@pytest.mark.parametrize(
    "prefix",
    [
        *("ecg", "//evil.example", "/ecg//x", "https://evil.example", "/ecg/..", "/.", "/a b", '/"><script>', "/ecg?x", "/ecg#x"),
        *("/é", "/ecg, /other", "javascript:alert(1)", "/" + "x" * 65, "/x" * 9, "/%2f%2fevil", "/ecg\\", "/"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json"])
def test_a_prefix_that_is_no_plain_path_is_ignored(application, path, prefix) -> None:
    """It is written into documents, so it may hold letters, digits, dots, dashes and single slashes only."""
    answer = application.get(path, headers={"X-Forwarded-Prefix": prefix.encode()})

    assert answer.content == application.get(path).content


def test_a_told_prefix_does_not_change_which_path_is_meant(client) -> None:
    """Anybody can send the header: with it a path that a proxy keeps closed must not be reached by another name."""
    assert client.get("/ecg/metrics", headers=PREFIX).status_code == 404


def test_a_page_that_is_known_is_another_one_under_another_prefix(client) -> None:
    """304 only for the very same page."""
    plain, prefixed = client.get("/"), client.get("/", headers=PREFIX)

    again = client.get("/", headers={**PREFIX, "If-None-Match": prefixed.headers["etag"]})
    other = client.get("/", headers={**PREFIX, "If-None-Match": plain.headers["etag"]})

    assert again.status_code == 304
    assert again.headers["content-security-policy"] == prefixed.headers["content-security-policy"]
    assert other.status_code == 200


NGINX = """
daemon off; pid {folder}/pid; error_log stderr crit; events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location {location} {{
            proxy_pass {target};
            proxy_set_header Host clinic.example;
            proxy_set_header X-Forwarded-Proto https;
            {header}
        }}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, port: int, location: str, target: str, header: str) -> Iterator[subprocess.Popen[bytes]]:
    """A proxy that runs."""
    (folder / "conf").write_text(NGINX.format(folder=folder, port=port, location=location, target=target, header=header))
    with subprocess.Popen([shutil.which("nginx") or "", "-p", str(folder), "-c", str(folder / "conf")]) as proxy:
        try:
            yield proxy
        finally:
            proxy.terminate()


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed here")
@pytest.mark.parametrize("strips", [True, False], ids=["stripped", "left"])
def test_behind_nginx(serve, example, free_port, until_healthy, tmp_path, strips) -> None:
    """A proxy that strips the prefix and tells of it, and one that leaves it in the path to a server that was told."""
    port, variables = free_port(), {} if strips else {"ECG_ROOT_PATH": "/ecg"}
    header = "proxy_set_header X-Forwarded-Prefix /ecg;" if strips else ""
    location, slash = ("/ecg/", "/") if strips else ("/ecg", "")
    with serve(**variables) as (_, address), nginx(tmp_path, port, location, f"{address}{slash}", header) as proxy:
        until_healthy(f"http://127.0.0.1:{port}/ecg", proxy)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}/ecg") as client:
            document, docs, page = client.get("/openapi.json"), client.get("/docs"), client.get("/")
            row = client.post("/predict", json=example)
            without = client.get(f"http://127.0.0.1:{port}/ecg")

    assert document.json()["servers"] == [{"url": "/ecg"}]
    assert "curl https://clinic.example/ecg/health" in docs.text
    assert '<base href="/ecg/">' in page.text
    assert row.status_code == 200
    assert without.status_code == (301 if strips else 307)
    assert without.headers["location"].endswith("/ecg/")
