"""What a search asks, from its address to conditions."""
