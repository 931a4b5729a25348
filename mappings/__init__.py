"""Provider messages to FHIR R4: five feeds, each a value of data and named pure functions.

Pure    No gateway, no framework, no disk, no clock, no log: bytes in, resources and issues out.
"""
