"""What became of what was sent: errors, replay, discarding, reports, mappings tried."""
