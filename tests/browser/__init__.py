"""What a reader sees: a real Chromium, the real servers, a newsroom on another origin."""
