"""Code tables of the social-care feed."""
