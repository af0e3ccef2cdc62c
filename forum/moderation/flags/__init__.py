"""Readers say what is wrong with comments; enough of them cover or hide one until a moderator looks."""
