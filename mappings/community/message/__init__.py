"""What community-health providers send, as they send it."""
