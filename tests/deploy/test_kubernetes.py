"""What is written for Kubernetes and KServe: valid by the published schemas, and one with the code."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from server.__main__ import GRACEFUL_SHUTDOWN_S
from server.api.memory_budget import MAX_BODIES, MAX_RECORDINGS
from server.open_inference import v2_routes as v2
from server.open_inference.row_inference import NAME
from server.serving.graceful_shutdown import SHUTDOWN_DELAY_S
from server.settings import Settings, variable

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/kubernetes"
OLDEST, NEWEST = "1.30", "newest"
MIB = 2**20
OF_A_BODY = 5  # What a request with a long body may take, as a multiple of it.
BUILD = ["kustomize", "build"] if shutil.which("kustomize") else ["kubectl", "kustomize"]


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """Every document of the files in a folder, by its kind."""
    found = [document for path in sorted(folder.glob("*.yaml")) for document in yaml.safe_load_all(path.read_text())]
    return {document["kind"]: document for document in found if document["kind"] != "Kustomization"}


KUBERNETES = documents(FOLDER)
KSERVE = documents(ROOT / "deploy/kserve")
POD = KUBERNETES["Deployment"]["spec"]["template"]["spec"]
CONTAINERS = {"Kubernetes": POD["containers"][0], "KServe": KSERVE["ServingRuntime"]["spec"]["containers"][0]}
each_container = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)


@pytest.fixture(scope="module")
def validate() -> Callable[[object, str], None]:
    """Compare a document with the schema of a version of Kubernetes, or of the newest there is; unknown fields are refused."""
    schemas = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed here")

    def check(document: object, version: str) -> None:
        schemas.validate(document, schemas.latest_version() if version == NEWEST else version, strict=True)

    return check


def mebibytes(quantity: str) -> int:
    """A quantity of memory as Kubernetes writes it."""
    match = re.fullmatch(r"(\d+)(Mi|Gi)", quantity)
    assert match, quantity
    return int(match[1]) * {"Mi": 1, "Gi": 1024}[match[2]]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("kind", KUBERNETES)
def test_every_document_is_valid(validate, kind, version) -> None:
    """By the schemas of the oldest version that is promised and of the newest there is, unknown fields refused."""
    validate(KUBERNETES[kind], version)


def test_the_kinds_are_the_ones_promised() -> None:
    """And kustomization.yaml names every file."""
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]

    wanted = ("Namespace", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy")
    assert set(KUBERNETES) == set(wanted)
    assert set(listed) == {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KSERVE) == {"ServingRuntime", "InferenceService"}


def test_the_pod_of_kserve_is_valid(validate) -> None:
    """KServe makes a pod of these containers; its own fields are few, and compared here."""
    runtime, service = KSERVE["ServingRuntime"], KSERVE["InferenceService"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ecg"}, "spec": {"containers": runtime["spec"]["containers"]}}
    model = service["spec"]["predictor"]["model"]

    validate(pod, OLDEST)
    assert runtime["spec"]["containers"][0]["name"] == "kserve-container"
    assert model["runtime"] == runtime["metadata"]["name"]
    assert model["modelFormat"]["name"] in [known["name"] for known in runtime["spec"]["supportedModelFormats"]]
    assert [model["protocolVersion"]] == runtime["spec"]["protocolVersions"] == ["v2"]
    assert service["metadata"]["name"] == NAME
    # Not told anything, as in the deployment; kept by both of KServe's modes.
    assert service["spec"]["predictor"]["enableServiceLinks"] is False
    assert service["spec"]["predictor"]["automountServiceAccountToken"] is False


@each_container
def test_ports_paths_and_settings_are_the_servers(container) -> None:
    """One port, probes where live and ready answer, and no variable that the server does not know."""
    port = container["ports"][0]
    routes = {route.path for route in v2.routes}
    probes = [container[name]["httpGet"] for name in container if name.endswith("Probe")]

    assert port["containerPort"] == Settings().port
    assert {probe["port"] for probe in probes} <= {port["name"], port["containerPort"]}
    assert {probe["path"] for probe in probes} == {"/v2/health/live", "/v2/health/ready"} <= routes
    assert {entry["name"] for entry in container.get("env", [])} <= set(map(variable, Settings.__struct_fields__))


def test_requests_find_the_port() -> None:
    """From the service, through the policy, to the container, where the image listens on every address."""
    port = CONTAINERS["Kubernetes"]["ports"][0]

    assert KUBERNETES["Service"]["spec"]["ports"] == [{"name": port["name"], "port": Settings().port, "targetPort": port["name"]}]
    assert KUBERNETES["NetworkPolicy"]["spec"]["ingress"] == [{"ports": [{"protocol": "TCP", "port": port["name"]}]}]
    assert re.search(r"^ENV .*\bECG_HOST=0\.0\.0\.0$", (ROOT / "server/Dockerfile").read_text(), re.MULTILINE)


def test_the_image_is_the_one_that_compose_builds() -> None:
    """By its name, for which kustomization.yaml has the place to say where it was pushed."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    images = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["images"]

    assert "server" in compose["services"]
    assert {container["image"] for container in CONTAINERS.values()} == {f"{compose['name']}-server"}
    assert [image["name"] for image in images] == [f"{compose['name']}-server"]


def test_the_autoscaler_alone_says_how_many_there_are() -> None:
    """A number in the deployment would undo the autoscaler's at every apply; a rollout takes none away too early."""
    deployment = KUBERNETES["Deployment"]["spec"]

    assert "replicas" not in deployment
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert (
        KUBERNETES["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["resource"]["name"]
        in POD["containers"][0]["resources"]["requests"]
    )


@each_container
def test_memory_is_what_was_measured_and_what_may_wait(container) -> None:
    """Asked for is at least what the bench saw after a million requests; the limit leaves room for all that may be held."""
    speed = json.loads((ROOT / "bench/speed.json").read_text())
    resident, growth = (line["median"] for line in speed["memory"])

    resources = container["resources"]

    asked, most = (mebibytes(resources[name]["memory"]) for name in ("requests", "limits"))
    assert asked >= resident + growth
    held = MAX_BODIES * OF_A_BODY * Settings().max_body_bytes + MAX_RECORDINGS * Settings().max_recording_bytes
    assert most >= resident + growth + held / MIB
    assert resources["requests"]["cpu"] == "1"
    assert "cpu" not in resources["limits"]


def lines(count: int) -> bytes:
    """Rows of zeros as CSV, a number of two bytes: the shortest, and so the most of them in a body."""
    return (b",".join([b"0"] * 140) + b"\n") * count


def lists(count: int) -> bytes:
    """The same as JSON."""
    return b"[[" + lines(count).strip().replace(b"\n", b"],[") + b"]]"


ROWS = 3_600
LONG_BODIES = {
    "JSON": ("/predict", "application/json", b'{"features":%b}' % lists(ROWS)),
    "JSON with an escaped key": ("/predict", "application/json", rb'{"featur\u0065s":%b}' % lists(ROWS)),
    "CSV": ("/predict", "text/csv", lines(ROWS)),
    "protocol v2": (
        f"/v2/models/{NAME}/infer",
        "application/json",
        b'{"inputs":[{"name":"features","datatype":"FP32","shape":[%d,140],"data":%b}]}' % (ROWS, lists(ROWS)),
    ),
}


# Only Linux tells the peak of another process, and there the server is deployed.
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here to see memory in")
@pytest.mark.parametrize("form", LONG_BODIES)
def test_requests_that_wait_take_no_more_than_the_limit_is_made_for(form, artifact, free_port, until_healthy) -> None:
    """As many as there is room for, sent at once, each as long as this server is let read."""
    path, kind, body = LONG_BODIES[form]
    port = free_port()
    given = {"ECG_ARTIFACT": str(artifact), "ECG_PORT": str(port), "ECG_MAX_BODY_BYTES": str(MIB), "ECG_LOG_LEVEL": "error"}
    address = f"http://127.0.0.1:{port}"

    def peak() -> int:
        status = Path(f"/proc/{server.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024

    def ask(_: int) -> int:
        headers = {"Content-Type": kind, "Connection": "close"}
        return httpx2.post(f"{address}{path}", content=body, headers=headers, timeout=60).status_code

    with subprocess.Popen([sys.executable, "-m", "server"], cwd=ROOT, env={**os.environ, **given}) as server:
        try:
            until_healthy(address, server)
            before = peak()
            with ThreadPoolExecutor(MAX_BODIES) as clients:
                answers = set(clients.map(ask, range(MAX_BODIES)))
            taken = peak() - before
        finally:
            server.terminate()

    assert answers == {200}
    assert 0.9 * MIB < len(body) <= MIB
    assert taken <= MAX_BODIES * OF_A_BODY * MIB


@each_container
def test_it_is_locked_in_as_the_restricted_standard_wants(container) -> None:
    """Not root, nothing gained, nothing written, no capability, the default system calls; the user is the image's."""
    context = {**(POD["securityContext"] if container is CONTAINERS["Kubernetes"] else {}), **container["securityContext"]}
    user = re.search(r"^USER (\d+):\d+$", (ROOT / "server/Dockerfile").read_text(), re.MULTILINE)

    assert context["runAsNonRoot"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert user is not None
    assert context["runAsUser"] == int(user[1])
    assert KUBERNETES["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_it_has_time_to_stop() -> None:
    """The wait before it is told to, its own limit, and some more."""
    wait = CONTAINERS["Kubernetes"]["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert POD["terminationGracePeriodSeconds"] >= wait + SHUTDOWN_DELAY_S + GRACEFUL_SHUTDOWN_S + 2
    assert wait >= CONTAINERS["Kubernetes"]["readinessProbe"]["periodSeconds"]


def test_nothing_leaves_and_nothing_is_told() -> None:
    """No way out of the pod, no token in it, and no variables made of services: one of them would be called ECG_PORT."""
    policy = KUBERNETES["NetworkPolicy"]["spec"]

    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert policy["egress"] == []
    assert POD["automountServiceAccountToken"] is False
    assert POD["enableServiceLinks"] is False
    assert f"{KUBERNETES['Service']['metadata']['name'].upper()}_PORT" == variable("port")


def test_everything_selects_the_same_pods() -> None:
    """By the label that the deployment gives them."""
    spec = {kind: document.get("spec", {}) for kind, document in KUBERNETES.items()}
    labels = spec["Deployment"]["template"]["metadata"]["labels"]

    assert spec["Deployment"]["selector"]["matchLabels"] == labels
    assert spec["Service"]["selector"] == labels
    assert spec["PodDisruptionBudget"]["selector"]["matchLabels"] == labels
    assert spec["NetworkPolicy"]["podSelector"]["matchLabels"] == labels
    assert POD["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] == labels
    assert spec["HorizontalPodAutoscaler"]["scaleTargetRef"]["name"] == KUBERNETES["Deployment"]["metadata"]["name"]
    assert spec["HorizontalPodAutoscaler"]["minReplicas"] > spec["PodDisruptionBudget"]["maxUnavailable"]


def test_the_artifact_is_where_the_server_looks() -> None:
    """The generated ConfigMap, mounted where the default of its setting is; with KServe, where its variable says."""
    generated = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["configMapGenerator"][0]
    mount = CONTAINERS["Kubernetes"]["volumeMounts"][0]

    assert generated["name"] == POD["volumes"][0]["configMap"]["name"]
    assert Path(mount["mountPath"], generated["files"][0]) == Path("/ecg", Settings().artifact)
    assert mount["name"] == POD["volumes"][0]["name"]
    assert CONTAINERS["KServe"]["env"] == [{"name": variable("artifact"), "value": f"/mnt/models/{generated['files'][0]}"}]


def test_the_readme_says_how_else_the_artifact_comes(validate) -> None:
    """On a claim in the place of the ConfigMap: its lines fit into the deployment; and the oldest version is named."""
    readme = (FOLDER / "README.md").read_text()
    shown = yaml.safe_load(readme.split("```yaml\n")[1].split("```")[0])

    other = copy.deepcopy(KUBERNETES["Deployment"])
    other["spec"]["template"]["spec"] |= shown

    validate(other, OLDEST)
    assert list(shown) == ["volumes"]
    assert [volume["name"] for volume in shown["volumes"]] == [volume["name"] for volume in POD["volumes"]]
    assert f"Kubernetes {OLDEST} or later" in readme


@pytest.mark.skipif(not shutil.which(BUILD[0]), reason="neither kustomize nor kubectl is installed here")
def test_kustomize_builds_what_is_valid(validate, artifact, tmp_path) -> None:
    """As the README's command would send it: the artifact inside, its digest in the name that the deployment asks for."""
    for path in (*FOLDER.glob("*.yaml"), artifact):
        shutil.copy(path, tmp_path)

    built = subprocess.run([*BUILD, str(tmp_path)], capture_output=True, text=True, check=True).stdout

    found = {document["kind"]: document for document in yaml.safe_load_all(built)}
    for document in found.values():
        validate(document, OLDEST)
    volume = found["Deployment"]["spec"]["template"]["spec"]["volumes"][0]
    assert re.fullmatch(r"ecg-artifact-\w{10}", found["ConfigMap"]["metadata"]["name"])
    assert volume["configMap"]["name"] == found["ConfigMap"]["metadata"]["name"]
    assert list(found["ConfigMap"]["binaryData"]) == ["ecg.onnx"]
