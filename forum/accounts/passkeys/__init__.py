"""Passkeys: made, used, named, removed."""
