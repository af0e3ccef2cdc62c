"""The demo: a sample newsroom on another origin and the comments below its articles."""
