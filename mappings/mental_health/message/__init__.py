"""What mental-health providers send, as they send it."""
