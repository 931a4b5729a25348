"""The command line `care-gateway`."""
