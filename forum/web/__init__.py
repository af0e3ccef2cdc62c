"""HTTP plumbing that knows nothing of comments."""
