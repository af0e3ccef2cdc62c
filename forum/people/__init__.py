"""What a signed-in person has here: a profile, settings, how far they are, whom they mute, what they follow."""
