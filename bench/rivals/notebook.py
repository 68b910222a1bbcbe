"""Flask and Keras' `model.predict`, as it comes out of a notebook."""

import logging
import sys

import keras
import numpy as np
from flask import Flask, Response, jsonify, request

application = Flask(__name__)
model = keras.models.load_model(sys.argv[2])


@application.post("/predict")
def predict() -> Response:
    """One `model.predict` a request."""
    features = np.array([request.get_json()["features"]], dtype=np.float32)
    probabilities = model.predict(features, verbose=0)[0]
    return jsonify(predicted_class=int(probabilities.argmax()), probability=float(probabilities.max()))


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application.run(port=int(sys.argv[1]))
