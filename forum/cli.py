"""The `aftershow` command."""
