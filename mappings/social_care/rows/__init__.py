"""Rows of the social-care feed."""
