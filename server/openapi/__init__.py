"""The OpenAPI document, and /docs."""
