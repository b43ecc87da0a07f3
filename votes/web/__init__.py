"""What connects Flask and the services: transactions, identity, access, errors, words."""

from flask import Flask

from votes.web import (
    converters,
    cookies,
    demo_time,
    errors,
    headers,
    hosts,
    identity,
    menu,
    tables,
    transaction,
)
from votes.web.words import filters as formats, labels

#: In the order of their hooks in a request.
MODULES = (
    hosts,
    cookies,
    converters,
    demo_time,
    transaction,
    identity,
    errors,
    formats,
    headers,
    labels,
    menu,
    tables,
)


def init(app: Flask) -> None:
    """Register the hooks of all modules."""
    for module in MODULES:
        module.init(app)
