"""One module for each thing a person or a provider system does, as numbered steps."""
