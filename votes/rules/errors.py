"""The exception with which a rule refuses."""


class RuleBroken(Exception):
    """A rule refuses; nothing has been changed.

    ``message`` is Chinese, for the user: what happened, what is safe, what to do. ``field`` names the form field at
    fault. ``code`` is a short word for tests and clients. ``status`` is the HTTP status (409: the state does not allow
    it; 422: the input is wrong).
    """

    def __init__(
        self, message: str, *, field: str | None = None, code: str | None = None, status: int = 409
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code
        self.status = status


def invalid(field: str, message: str, *, code: str | None = None) -> RuleBroken:
    """Return the refusal of what was typed into ``field``: status 422, shown beside that field."""
    return RuleBroken(message, field=field, code=code, status=422)
