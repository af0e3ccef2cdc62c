"""The catalogue of works: what readers of it and of its API see, what editors write, what files bring."""
