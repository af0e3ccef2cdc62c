"""What moderators see: queues, one comment with all that is known of it, and the log."""
