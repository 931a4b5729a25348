"""The keys of a deployment, where they are wrapped, and hashes under them."""
