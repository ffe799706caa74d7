"""What tests of adapters need, ours and other packages'; ``pip install 'ai-viewer[testing]'``.

    conformance   every law that a format must keep, as a pytest class: begin here
    options       pytest's option ``--update-expected``
    reading       read a folder through an adapter in memory
    rows          what events come to, in the plainest form of the model's rules
    scratch       a real store that is emptied in no time, and the real ingest into it
    dump          a whole store as plain values, to compare two of them

A folder of samples may hold an SQLite database as the text of its SQL, ``x.db.sql``, and a gzipped
file as what is in it, ``x.json.gz.plain``; see `as_on_disk`.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401
    import pytest
except ModuleNotFoundError as error:
    raise ImportError(
        f"ai_viewer.testing needs {error.name}, which ai-viewer does not: pip install 'ai-viewer[testing]'"
    ) from error

# So that a law that fails shows the values it compared.
pytest.register_assert_rewrite("ai_viewer.testing.conformance")

from ai_viewer.testing.reading import (  # noqa: E402 - only after what it needs is known to be there
    Cut,
    Reading,
    always,
    as_on_disk,
    never,
    read,
    read_folder,
    records,
    split,
)
from ai_viewer.testing.rows import Rows, settle  # noqa: E402 - as above

__all__ = [
    "Cut",
    "Reading",
    "Rows",
    "always",
    "as_on_disk",
    "never",
    "read",
    "read_folder",
    "records",
    "settle",
    "split",
]
