"""TensorFlow imported without its start-up messages, and made deterministic."""

import os
import re
import sys
import tempfile

# What TensorFlow's C++ code writes to standard error while it loads, whatever TF_CPP_MIN_LOG_LEVEL says.
START_UP = re.compile(rb"WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d .*(tensorflow|xla|tsl)/")


def import_quietly() -> None:
    """Import TensorFlow and look for GPUs once; what it says of CUDA, oneDNN and the processor is not printed.

    Anything else that is written to standard error meanwhile is passed on.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices("GPU")
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            log.seek(0)
            os.write(2, b"".join(line for line in log if not START_UP.match(line)))


def make_deterministic(seed: int) -> None:
    """Same seed, same weights: seed every generator and forbid operations whose order of summing varies."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
