"""Sites: the publishers whose pages carry discussions."""
