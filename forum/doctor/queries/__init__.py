"""Every statement of an examination and of the repair of counters."""
