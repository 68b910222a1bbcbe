"""Our own endpoints: bodies in, JSON out, errors to statuses."""
