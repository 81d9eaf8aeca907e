"""Tile protocols: pure functions from a request to a call of a source."""
