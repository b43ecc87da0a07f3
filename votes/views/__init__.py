"""Pages. Each module has one blueprint called `bp`."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask


def register(app: Flask) -> None:
    """Register the blueprint of every module here."""
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        app.register_blueprint(import_module(f"{__name__}.{module.name}").bp)
