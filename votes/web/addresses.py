"""Numbers in addresses: ids that a database can hold; any other is no address of ours."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

#: the largest id that both databases hold
LARGEST = 2**31 - 1


class Id(IntegerConverter):
    """`<int:project_id>` up to the largest id there can be; beyond it the answer is 404."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST)


def init(app: Flask) -> None:
    app.url_map.converters["int"] = Id
