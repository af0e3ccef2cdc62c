"""Examines an installation: what it stands on, and whether the database keeps the promises made about it."""
