"""What the site says of itself: organisations, localities, services, and when they are open."""
