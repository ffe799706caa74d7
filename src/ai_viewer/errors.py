"""What can go wrong, as the user is told it.

    AiViewerError
    ├── UsageError       the command or the configuration is wrong           exit 2
    ├── StoreError       the store cannot be used as it is                   exit 3
    │   ├── StoreVersionError    it has another version's schema
    │   └── StoreLockedError     another process writes it
    ├── NotFoundError    what was asked for does not exist                   exit 4
    └── GoneError        what was there once is no longer                    exit 4

Each message says what is wrong, where, and what to do next. Trouble in a source file is
no exception: it is a `ai_viewer.model.SourceError`, kept in the store and shown.
"""

from __future__ import annotations


class AiViewerError(Exception):
    """Base of the errors a user is told without a traceback; ``exit_code`` is the command's."""

    exit_code = 1


class UsageError(AiViewerError):
    """The command line or the configuration file asks for something impossible."""

    exit_code = 2


class StoreError(AiViewerError):
    """The store cannot be opened or used."""

    exit_code = 3


class StoreVersionError(StoreError):
    """The store was written by a version of ai-viewer with another schema."""


class StoreLockedError(StoreError):
    """Another process is writing the store."""


class NotFoundError(AiViewerError):
    """No session, payload or file of that name."""

    exit_code = 4


class GoneError(AiViewerError):
    """What was there once is no longer."""

    exit_code = 4
