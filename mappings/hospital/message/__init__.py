"""What hospitals send: HL7 v2 messages, read tolerantly and kept in the sender's own words."""
