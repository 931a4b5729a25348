"""Units of work: an engine, its keys, its log; many units, one commit."""
