"""What the command says on standard error, a line each."""

import sys

from tqdm import tqdm


def print_error(sentence: str) -> None:
    """Print one sentence, above a progress bar where one is shown."""
    tqdm.write(f"predict: {sentence}", file=sys.stderr)
