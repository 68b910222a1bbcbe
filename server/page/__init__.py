"""The web page and the static files it loads."""
