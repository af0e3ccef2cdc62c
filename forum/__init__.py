"""Aftershow: self-hosted fan discussions and comments for the articles of a site."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("aftershow")
except PackageNotFoundError:  # a checkout on the path that was never installed
    __version__ = "0+checkout"

__all__ = ["__version__"]
