"""The log as it is read, published and witnessed."""
