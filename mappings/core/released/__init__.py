"""What is told of a mapping: its page, its version, and versions that are kept."""
