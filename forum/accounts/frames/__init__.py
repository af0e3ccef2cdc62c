"""Signing in inside a frame on a page of another origin: by hand-off, or by the publisher's token."""
