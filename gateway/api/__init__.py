"""The HTTP edge: routes translate to one flow each, and its result to HTTP. Nothing decides here."""
