"""The pages of signing in by mail, of new people, and of who proves themselves again."""
