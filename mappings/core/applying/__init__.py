"""Rows applied to an item: resources with lineage, and issues by path."""
