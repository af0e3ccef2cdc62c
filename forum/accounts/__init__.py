"""Who writes: accounts, guests and their names."""
