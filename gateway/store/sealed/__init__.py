"""What is stored sealed: data keys, what a row's seal is bound to."""
