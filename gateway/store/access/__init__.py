"""The facts a decision is made on: evidence, consents, grants, sessions; and alerts."""
