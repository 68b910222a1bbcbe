"""The server: loads ONNX artifacts, answers over REST.

onnxruntime 1.29 and later report the model's file and graph name to its maker unless this variable is set before it is
imported (microsoft/onnxruntime#27379). It is set here because Python runs this file before any other of the package.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
