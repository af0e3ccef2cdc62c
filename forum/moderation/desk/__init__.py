"""The console: pages and forms to work through the queues with."""
