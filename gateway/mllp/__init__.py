"""HL7 v2 over MLLP: the same inbox as HTTP, reached over a socket that stays open."""
