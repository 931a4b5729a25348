"""The site's own entries, its feeds and processes."""
