"""What files that state a period whole leave out, and what follows from it."""
