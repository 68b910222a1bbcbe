"""`python -m server.health`: the name of `python -m server.healthcheck` before 0.2.0, kept for containers made with it."""

import sys

from server.healthcheck import main

if __name__ == "__main__":
    sys.exit(main())
