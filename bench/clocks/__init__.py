"""How long each runtime of embed/ takes for a row, measured inside its own process."""
