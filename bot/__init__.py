"""Cabinet: the personal account of an electricity consumer at a grid company."""

__version__ = "0.3.0"
