"""Signing in with an identity provider: OpenID Connect, or plain OAuth 2."""
