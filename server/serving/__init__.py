"""A loaded model at work: micro-batching, time slicing, hot reload, graceful shutdown."""
