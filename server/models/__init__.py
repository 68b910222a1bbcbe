"""An ONNX file to answers, without asyncio: contract, classifier, annotator."""
