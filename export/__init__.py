"""Keras in, a verified ONNX file out."""
