"""Write what an image holds as a CycloneDX 1.6 document: `python deploy/image/sbom.py [IMAGE]`, for an image that Docker has.

It is read from the image itself: the metadata of its Python packages, the status of its Debian packages, its interpreter and
the server. What wheels carry linked into their extensions, wheels do not tell, and so this does not either.
"""

import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from cyclonedx.contrib.license.exceptions import InvalidLicenseExpressionException
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).parents[2]
VERSION = "import sys; print(*sys.version_info[:3], sep='.')"


def main(image: str) -> int:
    """Write IMAGE.cdx.json into the project's folder; 2 if there is no such image."""
    try:
        bom = document(image)
    except subprocess.CalledProcessError as error:
        print(f"sbom: expected an image that Docker has: {error.stderr.decode().strip()}", file=sys.stderr)
        return 2
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        print(f"sbom: the document is not CycloneDX 1.6: {fault}", file=sys.stderr)
        return 1
    path = ROOT / f"{image}.cdx.json"
    path.write_text(text + "\n")
    print(f"{path.name}: {len(bom.components)} components")
    return 0


def document(image: str) -> Bom:
    """The server, and everything beside it in the image."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bom = Bom()
    bom.metadata.component = server = _component(image, project["version"], ComponentType.CONTAINER, "generic")
    command = ["docker", "run", "--rm", "--network=none", "--entrypoint=python", image, "-c", VERSION]
    version = subprocess.run(command, capture_output=True, check=True).stdout.decode().strip()
    bom.components.add(_component("python", version, ComponentType.PLATFORM, "generic", licence="PSF-2.0"))
    for name, content in _files(image):
        if name.endswith(".dist-info/METADATA"):
            bom.components.add(_python(message_from_bytes(content)))
        elif "/dpkg/status.d/" in name:
            bom.components.add(_debian(message_from_bytes(content)))
    bom.register_dependency(server, bom.components)
    return bom


def _files(image: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file of the image."""
    container = subprocess.run(["docker", "create", image], capture_output=True, check=True).stdout.decode().strip()
    with tempfile.TemporaryFile() as archive:
        try:
            subprocess.run(["docker", "export", container], stdout=archive, check=True)
        finally:
            subprocess.run(["docker", "rm", container], capture_output=True, check=True)
        archive.seek(0)
        with tarfile.open(fileobj=archive) as tar:
            for member in tar:
                if member.isfile() and (file := tar.extractfile(member)):
                    yield member.name, file.read()


def _python(metadata: Message) -> Component:
    licence = metadata["License-Expression"] or metadata["License"] or "NOASSERTION"
    return _component(metadata["Name"], metadata["Version"], ComponentType.LIBRARY, "pypi", licence=licence.splitlines()[0])


def _debian(status: Message) -> Component:
    return _component(
        status["Package"], status["Version"], ComponentType.LIBRARY, "deb", "debian", qualifiers={"arch": status["Architecture"]}
    )


def _component(
    name: str,
    version: str,
    kind: ComponentType,
    purl: str,
    namespace: str | None = None,
    licence: str | None = None,
    qualifiers: dict[str, str] | None = None,
) -> Component:
    licences = [_licence(licence)] if licence else []
    where = PackageURL(purl, namespace, name, version, qualifiers)
    return Component(name=name, version=version, type=kind, bom_ref=where.to_string(), purl=where, licenses=licences)


def _licence(text: str) -> License:
    factory = LicenseFactory()
    try:
        return factory.make_with_expression(text)
    except InvalidLicenseExpressionException:
        return factory.make_with_name(text)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["ecg-server"]))
