"""What members of a team write over REST."""
