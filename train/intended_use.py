"""What a trained network may be used for: stands in its metadata, in its report and on the terminal."""

SYNTHETIC = (
    "For trying things out: trained on generated beats, it knows nothing about real hearts. "
    "Not a medical device, not for diagnosis."
)
RECORDED = "Research and engineering, on data like the one it was trained on. Not a medical device, not for diagnosis."
