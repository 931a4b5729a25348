"""Systems that subscribed are told where to look."""
