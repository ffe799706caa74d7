"""Where the sources, the store and the port are: defaults, configuration file, command line.

The file is ``config.toml`` in the platform's configuration folder
(``~/.config/ai-viewer/config.toml`` on Linux):

    db = "/data/agents.db"
    host = "127.0.0.1"
    port = 7710
    discover = false                 # do not look in the agents' own folders

    [[source]]
    format = "claude_code"
    path = "~/backup/claude"

    [[price]]                        # what a model costs you, in dollars per million tokens
    model = "my-model"
    input = 1.5
    output = 6

    [[discount]]
    provider = "anthropic"
    percent = 15

docs/prices.md describes the last two.
The command line wins over the file. Sources named with ``--source`` replace all others.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

import msgspec
import platformdirs

from ai_viewer.adapters import ADAPTERS
from ai_viewer.errors import UsageError
from ai_viewer.pricing import Prices
from ai_viewer.pricing.entries import Discount, Price

APP = "ai-viewer"
DEFAULT_PORT = 7710


class SourceRoot(msgspec.Struct, frozen=True, order=True):
    """A folder to read one format's sessions from."""

    format: str
    root: Path


class Config(msgspec.Struct, frozen=True):
    """Everything a run needs to know."""

    db: Path
    sources: tuple[SourceRoot, ...]
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    own_prices: tuple[Price, ...] = ()
    discounts: tuple[Discount, ...] = ()

    def prices(self) -> Prices:
        """Return what calls cost: the price list, with the user's own prices and discounts over it."""
        return Prices(self.own_prices, self.discounts)


class _SourceEntry(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    path: str


class _ConfigFile(msgspec.Struct, forbid_unknown_fields=True):
    db: str | None = None
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    discover: bool = True
    source: list[_SourceEntry] = []
    price: tuple[Price, ...] = ()
    discount: tuple[Discount, ...] = ()


def config_path() -> Path:
    """Return where the configuration file is looked for."""
    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def default_db() -> Path:
    """Return where the store lies unless told otherwise."""
    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "ai-viewer.db"


def load(
    *,
    db: Path | None = None,
    sources: Iterable[str] = (),
    host: str | None = None,
    port: int | None = None,
    env: Mapping[str, str] = os.environ,
) -> Config:
    """Combine command line, configuration file and defaults; the first that says something wins.

    ``sources`` are the ``FORMAT=PATH`` texts of the command line.

    Raises:
        UsageError: if a source or the configuration file cannot be understood, or the host is no
            address that only this machine reaches.
    """
    file = _read_file(config_path())
    roots = [parse_source(text) for text in sources]
    if not roots:
        roots = [_source_root(entry.format, entry.path, str(config_path())) for entry in file.source]
        if file.discover:
            roots += discover(env)
    check_host(host or file.host)
    return Config(
        db=(db or (Path(file.db) if file.db else default_db())).expanduser().absolute(),
        sources=tuple(dict.fromkeys(roots)),
        host=host or file.host,
        port=file.port if port is None else port,
        own_prices=file.price,
        discounts=file.discount,
    )


def check_host(host: str) -> None:
    """Refuse a host that other machines could reach: the server has no password.

    Raises:
        UsageError: if ``host`` is not a loopback address.
    """
    try:
        is_loopback = host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise UsageError(
            f"--host {host}: there is no password, so only this machine may ask: 127.0.0.1, ::1 or localhost;"
            f" to look from another one, use a tunnel: ssh -L {DEFAULT_PORT}:127.0.0.1:{DEFAULT_PORT} HOST"
        )


def discover(env: Mapping[str, str] = os.environ) -> list[SourceRoot]:
    """Return the folders in which the known agents keep their sessions, existing or not."""
    home = Path.home()
    return [
        SourceRoot(adapter.name, _plain(root))
        for adapter in ADAPTERS.values()
        for root in adapter.roots(env, home)
    ]


def parse_source(text: str) -> SourceRoot:
    """Read ``FORMAT=PATH``; ``claude-code`` is taken for ``claude_code``.

    Raises:
        UsageError: if there is no ``=`` or no such format.
    """
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--source {text}: expected FORMAT=PATH, for example claude_code=~/.claude")
    return _source_root(name, path, f"--source {text}")


def _source_root(name: str, path: str, where: str) -> SourceRoot:
    format_name = name.strip().lower().replace("-", "_")
    if format_name not in ADAPTERS:
        refused = "".join(f"\n{told}" for told in ADAPTERS.refused)
        raise UsageError(f"{where}: no format {name!r}; there are {', '.join(ADAPTERS)}{refused}")
    return SourceRoot(format_name, _plain(Path(path)))


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path.expanduser().absolute()))


def _read_file(path: Path) -> _ConfigFile:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return _ConfigFile()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        # A price is what is written: 0.1, not the nearest binary fraction.
        return msgspec.convert(tomllib.loads(text.decode(), parse_float=Decimal), _ConfigFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: {error}") from error
