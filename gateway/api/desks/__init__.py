"""Where officers, operators and the person ask and decide, in an API of our own."""
