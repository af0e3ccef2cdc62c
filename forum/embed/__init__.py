"""What article pages of other origins load."""
