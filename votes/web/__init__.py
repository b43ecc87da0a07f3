"""What connects Flask and the services: transactions, identity, access, errors, words."""

from flask import Flask

from votes.web import (
    converters,
    demo_time,
    errors,
    facts,
    groups,
    headers,
    identity,
    menu,
    tables,
    transaction,
)
from votes.web.words import filters as formats, labels


def init(app: Flask) -> None:
    """Register the hooks of all modules; the order below is their order in a request."""
    converters.init(app)
    demo_time.init(app)
    transaction.init(app)
    identity.init(app)
    errors.init(app)
    formats.init(app)
    headers.init(app)
    labels.init(app)
    menu.init(app)
    tables.init(app)


__all__ = ["facts", "groups", "init"]
