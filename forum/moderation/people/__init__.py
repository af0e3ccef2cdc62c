"""What moderators know of a person, and what they may do to them."""
