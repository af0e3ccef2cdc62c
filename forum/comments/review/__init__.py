"""What is decided about comments and people: entries of the queues, the log of decisions, flags, sanctions, notes.

Birth writes it (`forum.comments.screening` holds a comment), authors read it, and `forum.moderation` does the rest.
"""
