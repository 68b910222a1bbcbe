"""Compile the groups of pyproject.toml into hash-pinned locks, one set of versions for all: `make lock`."""

import subprocess
import sys

LOCKS = {
    "dev": ("server", "export", "train", "predict", "ray", "embed", "test", "bench", "dev"),
    "run": ("server", "export", "train", "predict"),
    "test": ("server", "export", "train", "predict", "ray", "embed", "test"),
    "train": ("export", "train"),
    "predict": ("predict",),
    "ray": ("ray",),
    "embed": ("embed",),
    "server": ("server",),
}

for name, groups in LOCKS.items():
    command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes", "--no-header", "--quiet"]
    command += [word for group in groups for word in ("--group", group)]
    command += [] if name == "dev" else ["--constraint", "requirements/dev.txt"]
    print(f"requirements/{name}.txt", flush=True)
    subprocess.run([sys.executable, "-m", *command, "--output-file", f"requirements/{name}.txt"], check=True)
