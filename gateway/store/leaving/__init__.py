"""What leaves for systems: files, exports, subscriptions."""
