"""`python -m server.health`, as containers made before 0.2.0 call `python -m server.healthcheck`."""

import sys

from server.healthcheck import main

if __name__ == "__main__":
    sys.exit(main())
