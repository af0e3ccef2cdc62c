"""At-least-once work in the same database: enqueue, claim, retry, dead letters."""
