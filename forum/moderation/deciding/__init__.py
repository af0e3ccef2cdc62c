"""What moderators decide about comments, alone or many at once, and taking it back."""
