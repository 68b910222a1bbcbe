"""FastAPI, pydantic and onnxruntime, as tutorials have it."""

import os
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

application = FastAPI()
session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])


class Row(BaseModel):
    """A request."""

    features: list[float]


class Prediction(BaseModel):
    """An answer."""

    predicted_class: int
    probability: float


@application.post("/predict")
def predict(row: Row) -> Prediction:
    """One run a request."""
    features = np.array([row.features], dtype=np.float32)
    predicted_class, probability = session.run(["predicted_class", "probability"], {"features": features})
    return Prediction(predicted_class=int(predicted_class[0]), probability=float(probability[0]))


if __name__ == "__main__":
    uvicorn.run(application, port=int(sys.argv[1]), access_log=False, log_level="warning")
