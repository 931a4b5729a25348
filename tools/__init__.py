"""Maintainers' scripts: nothing here is part of the installed service."""
