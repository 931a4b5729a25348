"""Whoever asks: what they see, who is asked to look, what the log is told of it."""
