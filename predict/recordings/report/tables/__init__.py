"""The report's numbers as tables of HTML."""
