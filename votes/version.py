"""The version that certificates and records name."""

__version__ = "0.1.0"
