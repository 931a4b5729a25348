"""A team's edits of what a feed states, laid over it."""
