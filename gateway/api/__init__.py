"""The HTTP edge: a route translates to one flow and back. Nothing is decided here."""
