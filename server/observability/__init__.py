"""Request IDs, the access log, counters, Prometheus, JSON logs."""
