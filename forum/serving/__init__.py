"""Running the product as a process: its log, its one-process lock, its schema check and its HTTP server."""
