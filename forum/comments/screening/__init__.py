"""What becomes of a new text before anybody sees it: published, held for a moderator, or refused, and why."""
