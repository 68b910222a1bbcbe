"""Live streams: `WS /stream` takes a signal as it comes, and says what its beats are while it comes."""
