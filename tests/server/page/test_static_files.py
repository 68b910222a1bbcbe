"""`GET /`, the files of the page and `GET /docs`: small, shut in, and readable by all."""

import gzip
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.page.routes import STATIC_FOLDER
from server.settings import ORT_FILES, Settings

MOST_BYTES_AT_FIRST, MOST_BYTES = 75_000, 90_000
API_DOCS = STATIC_FOLDER.parents[2] / "docs/api.md"
NAMES = sorted(path.name for path in STATIC_FOLDER.iterdir())
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@pytest.fixture
def with_ort(artifact, beats, tmp_path):
    """A client of an application with files named as onnxruntime-web's."""
    for name in ORT_FILES:
        (tmp_path / name).write_text(name)
    settings = Settings(str(artifact), str(beats), ort_web_dir=str(tmp_path))
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def weight(names: set[str]) -> int:
    """Bytes as they lie there, neither squeezed nor minified."""
    return sum((STATIC_FOLDER / name).stat().st_size for name in names)


def imported(name: str) -> set[str]:
    """A script and what it imports, through others too; not what is loaded when it is wanted."""
    found = re.findall(r'^import .*"\./(.+)";$', (STATIC_FOLDER / name).read_text(), re.MULTILINE)
    return {name}.union(*map(imported, found))


def test_the_files_of_the_page_weigh_little() -> None:
    """What everybody loads; and with it what reads a kind of file, which comes when one is chosen: docs/api.md says how much."""
    readers = [imported(name) for name in NAMES if name.endswith("_reader.js")]
    first = {*NAMES} - set().union(*readers) | imported("main.js")
    heaviest = max(weight(first | reader) for reader in readers)

    assert weight(first) <= MOST_BYTES_AT_FIRST
    assert heaviest <= MOST_BYTES
    assert f"{weight(first) / 1000:.0f} kB" in API_DOCS.read_text()
    assert f"{heaviest / 1000:.0f} kB" in API_DOCS.read_text()


def test_the_page_and_all_that_it_loads_are_small(application) -> None:
    """At most so many bytes in all, every reader too, as they are sent, and no more in number than a person can read."""
    asked = ["/", *(f"/page/{name}" for name in NAMES if name != "index.html")]

    sent = sum(int(application.get(path).headers["content-length"]) for path in asked)

    assert sent <= MOST_BYTES
    assert f"{sent / 1000:.0f} kB as sent" in API_DOCS.read_text()
    assert all(len((STATIC_FOLDER / name).read_text().splitlines()) <= 150 for name in NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "index.html"])
def test_files_of_the_page_are_kept_by_browsers(client, name) -> None:
    """Of their type, and not sent again while they are the same; whoever takes no gzip gets them plain."""
    answer = client.get(f"/page/{name}")
    plain = client.get(f"/page/{name}", headers={"Accept-Encoding": "identity"})
    again = client.get(f"/page/{name}", headers={"If-None-Match": answer.headers["etag"]})

    assert answer.headers["content-type"].partition(";")[0] == TYPES[Path(name).suffix]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == plain.content == (STATIC_FOLDER / name).read_bytes()
    assert answer.headers["etag"] != plain.headers["etag"]
    assert (again.status_code, again.content) == (304, b"")
    assert gzip.compress(plain.content, mtime=0) != plain.content


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/model", "/model/beats"])
def test_a_304_carries_the_header_fields_of_the_200(client, path) -> None:
    """They replace what the browser stored (RFC 9111, 3.2): with another policy a page would be blank when it comes back."""
    whole = client.get(path)
    again = client.get(path, headers={"If-None-Match": whole.headers["etag"]})

    own_of_a_body = {"content-length", "content-encoding", "content-type"}
    passing = {"date", "x-request-id"}
    assert again.status_code == 304
    for name in whole.headers.keys() - own_of_a_body - passing:
        assert again.headers.get(name) == whole.headers[name], name


@pytest.mark.parametrize("if_none_match", ["*", '"of-another-page"'])
def test_the_docs_come_whole_however_often_they_are_asked_for(client, if_none_match) -> None:
    """They have no ETag, so that a browser has nothing to ask by; whoever does gets the same page and the same policy again."""
    first = client.get("/docs")
    again = client.get("/docs", headers={"If-None-Match": if_none_match})

    assert "etag" not in first.headers
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_page_may_load_and_ask_of_this_server_only(client, path) -> None:
    """No script within it, no handler, no style; nothing of another host is named."""
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", answer.text)
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)


def test_nothing_but_the_files_of_the_page_is_there(client) -> None:
    """No other file of the server, however it is asked for."""
    for name in ("site.py", "../site.py", "%2e%2e/site.py", "..%2fsite.py", "%2fetc%2fpasswd", "index.html", ""):
        answer = client.get(f"/page/{name}")

        assert answer.status_code == 404, name
        assert answer.json().keys() == {"error"}
    assert client.get(f"/ort/{ORT_FILES[0]}").json() == {"error": "expected the name of a file of the page: no other is here"}


def test_the_page_is_told_how_long_a_recording_may_be(lonely) -> None:
    """In bytes, before anything is sent."""
    assert f'data-most-bytes="{Settings().max_recording_bytes}"' in lonely.get("/").text


def test_onnxruntime_web_is_served_where_it_is_named(with_ort, application) -> None:
    """The page is told of it, and may compile it; without the setting neither."""
    index, without = with_ort.get("/"), application.get("/")

    assert f'data-ort="ort/{ORT_FILES[0]}"' in index.text
    assert index.headers["content-security-policy"].endswith("script-src 'self' 'wasm-unsafe-eval'")
    assert 'data-ort=""' in without.text
    types = [with_ort.get(f"/ort/{name}").headers["content-type"].partition(";")[0] for name in ORT_FILES]
    assert types == ["text/javascript", "text/javascript", "application/wasm"]


def test_a_folder_without_onnxruntime_web_is_refused(command, tmp_path) -> None:
    """Before anything is served, with one sentence."""
    done = command("server", env={"ECG_ORT_WEB_DIR": str(tmp_path)})

    assert done.returncode == 2
    assert done.stderr == f"server: ECG_ORT_WEB_DIR: expected the folder dist of onnxruntime-web, with {', '.join(ORT_FILES)}\n"


def test_the_docs_tell_of_every_call(client) -> None:
    """Each with a line of curl, what is answered, and all that is sent, without a script."""
    text = client.get("/docs").text
    api = client.get("/openapi.json").json()

    assert "<script" not in text
    for path, item in api["paths"].items():
        [(verb, call)] = [(verb, call) for verb, call in item.items() if verb != "parameters"]
        [section] = re.findall(
            rf'<section id="[^"]*"><h2><code>{verb.upper()} {re.escape(path)}</code>.*?</section>', text, re.DOTALL
        )
        assert call["summary"] in unescape(section)
        assert '<pre class="curl"' in section
        assert all(f'<th scope="row">{status}</th>' in section for status in call["responses"])
    for name in api["components"]["schemas"]:
        assert f'<h3 id="{name}">' in text


def test_the_docs_name_nothing_that_the_client_made_up(application) -> None:
    """A host that is none is not repeated."""
    text = application.get("/docs", headers={"Host": "a'<b>"}).text

    assert "<b>" not in text
    assert "curl http://localhost:5000/predict" in text


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed here")
def test_every_curl_of_the_docs_is_answered(address, tmp_path) -> None:
    """As it stands there."""
    np.zeros(720, "<f4").tofile(tmp_path / "signal.f32")
    lines = re.findall(r'<pre class="curl"[^>]*><code>(.*?)</code>', httpx2.get(f"{address}/docs").text, re.DOTALL)

    assert len(lines) > 25
    for line in map(unescape, lines):
        if "/ort/" in line:
            continue
        asked = [*("bash", "-c"), f"{line} --silent --show-error --write-out '\\n%{{http_code}}'"]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.endswith("\n200"), line[:200]


def test_all_words_of_the_page_are_in_one_file_in_both_languages() -> None:
    """English and French have the same keys with the same gaps, and each that is used is there."""
    text = (STATIC_FOLDER / "strings.js").read_text()
    told = re.findall(r"^(\w+)\|([^|\n]+)(?:\|([^|\n]+))?$", text, re.MULTILINE)
    english = {key: words for key, words, _ in told}
    french = {key: words or english[key] for key, _, words in told}
    used = {
        key
        for name in NAMES
        for key in re.findall(
            r'data-(?:t|label)="(\w+)"|\bt\("(\w+)"|(?:PageError|note|refuse)\("(\w+)"', (STATIC_FOLDER / name).read_text()
        )
    }

    assert len(english) == len(told) == len(re.findall(r"^\w+\|", text, re.MULTILINE))
    assert {key for found in used for key in found if key} <= english.keys()
    for key, words in english.items():
        assert sorted(re.findall(r"{\w+}", words.replace("{article} ", ""))) == sorted(re.findall(r"{\w+}", french[key])), key
