"""From a file to onnxruntime's session: its options (threads, memory), and what is said of a file that is none."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import onnxruntime

from server.models.contract import BadArtifact

T = TypeVar("T")
ARENA_BYTES = 48 << 20  # where a piece of a recording fits in best (bench/README.md); what no run has touched is no memory


def load_artifact(kind: Callable[[bytes], T], path: Path) -> T:
    """`kind` made from the content of `path`; raises BadArtifact with a message that names the file."""
    try:
        return kind(path.read_bytes())
    except FileNotFoundError as error:
        raise BadArtifact(f"there is no artifact at {path}: run python -m train, then python -m export") from error
    except OSError as error:
        raise BadArtifact(f"{path} cannot be read: {error.strerror}") from error
    except BadArtifact as error:
        raise BadArtifact(f"{path}: {error}") from error


def create_session(file: bytes, large_tensors: bool = False) -> onnxruntime.InferenceSession:
    """A session with one thread and no spinning, whose memory does not grow with the variety of shapes.

    Without an arena, tensors of some kilobytes come from malloc, which serves them best. Tensors of megabytes do not: they
    fragment its heap to four times what a run needs, so graphs of `large_tensors` share an arena, and have no pattern of a
    shape's tensors, which would take as much again.

    Raises BadArtifact if the file is not ONNX that this onnxruntime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = large_tensors
    options.enable_mem_pattern = not large_tensors
    if large_tensors:
        _register_arena()
        options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base class of their own.
        raise BadArtifact(f"expected an ONNX file that onnxruntime {onnxruntime.__version__} can run") from error


@cache
def _register_arena() -> None:
    """Have sessions allocate from one arena in one piece: one that grows by doubling takes a third more."""
    memory = onnxruntime.OrtMemoryInfo("Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT)
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg({"initial_chunk_size_bytes": ARENA_BYTES}))
