"""What a GP record says only as a whole: who is who, the plan, the choice about sharing."""
