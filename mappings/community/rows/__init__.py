"""Rows of the community feed."""
