"""URL converters: an id that no database column can hold is answered with 404."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

#: the largest id that both databases hold
LARGEST = 2**31 - 1


class IdConverter(IntegerConverter):
    """Match `<int:project_id>` up to `LARGEST`."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST)


def init(app: Flask) -> None:
    """Replace the converter `int` of all routes."""
    app.url_map.converters["int"] = IdConverter
