"""Code tables of the community feed."""
