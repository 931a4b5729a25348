"""Our own code systems, shared by the feeds so that every sector uses one language."""
