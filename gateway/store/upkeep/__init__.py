"""What is done to all that is stored: labelled, mapped, hashed anew, shredded."""
