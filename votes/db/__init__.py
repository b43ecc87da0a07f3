"""The database: engine and transactions, tenancy, shared queries. Import them from here."""

from votes.db import workers as workers
from votes.db.engine import Database, WorkSession, body_in_scope, db, scoped
from votes.db.queries import WORDS, by_id, count, count_by, everything, flush_or, locked, page, violates
from votes.db.schema import UtcDateTime, metadata
from votes.db.search import RowSearch, Search, words_in
from votes.db.tenancy import EVERY_BODY, OfBody, Scope, ScopeMissing
