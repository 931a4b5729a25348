"""The rows of the plan document, part by part, and the named functions they use."""
