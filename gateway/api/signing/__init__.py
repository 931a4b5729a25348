"""Where systems, staff and people sign in."""
