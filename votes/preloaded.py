"""Read by the process that all others of a server are copies of, and by nothing else.

It leaves the process group: Ctrl+C and signals to the group reach the parent only.
"""

import os

from votes import create_app, demo, migrations, successors

__all__ = ["create_app", "demo", "migrations", "successors"]

os.setpgid(0, 0)
