"""What councils and care providers send, in their own words."""
