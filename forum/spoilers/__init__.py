"""Progress-scoped spoilers: the catalogue of works, scopes, passages, and who may see what."""
