"""The report's pictures, as SVG in millimetres."""
