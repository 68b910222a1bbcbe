"""HTTP/1.1 as uvicorn speaks it, with limits, and the fast path for one row."""
