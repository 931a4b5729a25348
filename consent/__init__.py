"""May this caller see this, and why? Pure: facts in, a Filter out."""
