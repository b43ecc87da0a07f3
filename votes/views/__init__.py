"""Pages. Each module below has one blueprint, called `bp`."""

from importlib import import_module
from pkgutil import walk_packages

from flask import Flask


def register(app: Flask) -> None:
    """Register the blueprint of every module here and in the chapters."""
    for module in sorted(walk_packages(__path__, f"{__name__}."), key=lambda module: module.name):
        if not module.ispkg:
            app.register_blueprint(import_module(module.name).bp)
