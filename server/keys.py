"""`python -m server.keys FILE NAME`, as documents before 0.2.0 call `python -m server.api_keys`."""

import sys

from server.api_keys import main

if __name__ == "__main__":
    sys.exit(main())
