"""XML is read within limits."""

import gzip
import re

import pytest

from predict.recordings import file_kind
from predict.recordings.readers.xml.xml_tree import read_tree
from predict.recordings.signal import BadRecording


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_document_that_is_too_large_is_refused(pack, tmp_path, monkeypatch) -> None:
    """Also one that is small until it is unpacked."""
    monkeypatch.setattr(file_kind, "LARGEST_BYTES", 2**20)
    path = tmp_path / "r.xml"
    path.write_bytes(pack(b"<a>" + b" " * 2**20 + b"</a>"))

    with pytest.raises(BadRecording, match=re.escape(f"{path}: expected at most 1 MiB")):
        read_tree(path)


def test_a_document_type_that_lies_outside_is_not_opened(tmp_path) -> None:
    """As GE MUSE names one: it says nothing that is needed."""
    path = tmp_path / "r.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE a SYSTEM "missing.dtd"><x:a><b x:c="d"> e </b></x:a>')

    root = read_tree(path)

    assert (root.tag, root[0].attrib, root.findtext("b")) == ("a", {"c": "d"}, " e ")
