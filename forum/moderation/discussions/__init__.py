"""What moderators set for whole discussions."""
