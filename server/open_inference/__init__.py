"""The Open Inference Protocol v2: routes and tensors."""
