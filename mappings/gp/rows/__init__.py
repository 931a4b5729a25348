"""Rows of the GP feed."""
