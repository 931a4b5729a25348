"""Rows of the mental-health feed."""
