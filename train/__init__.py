"""Records in, a trained Keras network and its report out."""
