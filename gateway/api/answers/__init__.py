"""What routes are given and how answers are written."""
