"""Whose record it is: links decided by people, facts of a person, shredding."""
