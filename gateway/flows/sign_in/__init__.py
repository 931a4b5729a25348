"""Systems and people sign in; sessions begin and end."""
