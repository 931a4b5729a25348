"""Whose record is it? Pure of the database: facts in, links out."""
