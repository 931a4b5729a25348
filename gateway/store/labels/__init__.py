"""The security labels an item bears: said, ruled, united."""
