"""`python -m server.keys FILE NAME`: the name of `python -m server.api_keys` before 0.2.0, kept for scripts that use it."""

import sys

from server.api_keys import main

if __name__ == "__main__":
    sys.exit(main())
