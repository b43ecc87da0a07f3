"""Pages. Each module below has the blueprint of its pages, called `bp`; modules of one chapter may share one."""

from importlib import import_module
from pkgutil import walk_packages

from flask import Flask


def register(app: Flask) -> None:
    """Register the blueprint of every module here and in the chapters, once all modules are imported."""
    modules = sorted(walk_packages(__path__, f"{__name__}."), key=lambda module: module.name)
    blueprints = [import_module(module.name).bp for module in modules if not module.ispkg]
    for blueprint in dict.fromkeys(blueprints):
        app.register_blueprint(blueprint)
