"""The ONNX graph: from a recording at any sampling rate to its beats, in TensorFlow functions that export converts."""
