"""Rows of the hospital feed."""
