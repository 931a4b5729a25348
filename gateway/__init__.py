"""The service: HTTP edge, flows, store, audit, identity and sign-in, in that order of layers."""
