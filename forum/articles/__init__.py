"""Articles, their metadata and their discussions."""
