"""Comments: write, read, page, present."""
