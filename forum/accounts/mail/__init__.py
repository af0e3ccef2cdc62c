"""Letters to people: written in the transaction they follow from, sent by the worker."""
