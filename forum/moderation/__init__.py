"""What moderators do: look at queues, decide, take back, and tell people why."""
