"""What providers send, from bytes to the store; and what is fetched from those who do not send."""
