"""The commands: each parses its options, asks the part that does the work, and shows the answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from cyclopts import App, Group, Parameter

from ai_viewer import __version__, config, moments
from ai_viewer.adapters import ADAPTERS
from ai_viewer.cli.narrowing import Narrowing
from ai_viewer.cli.output import say, size, write_json
from ai_viewer.config import Config
from ai_viewer.model import SessionStatus

Flag: TypeAlias = Annotated[bool, Parameter(negative=(), show_default=False)]
"""An option without a value and without a ``--no-`` twin."""

Json: TypeAlias = Annotated[
    bool, Parameter(name="--json", negative=(), show_default=False, help="Write one JSON value.")
]

By: TypeAlias = Literal[
    "source", "format", "client", "agent", "project", "branch", "status", "model", "provider", "tool",
    "namespace", "kind", "hour", "day", "week", "month",
]  # fmt: skip

ExportFormat: TypeAlias = Literal["html", "markdown", "json", "perfetto", "otlp"]

app = App(
    name="ai-viewer",
    help=(
        "See what your AI coding agents did, what it cost and where the time went.\n\n"
        "Without a command: read the sessions, go on reading as they are written, "
        "and show them in the browser."
    ),
    version=__version__,
    help_format="markdown",
)
app.meta.group_parameters = Group("Options for every command", sort_key=9)


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    db: Path | None = None,
    source: Annotated[
        tuple[str, ...], Parameter(negative=(), metavar="FORMAT=PATH", show_default=False)
    ] = (),
    host: str | None = None,
    port: int | None = None,
    no_open: Flag = False,
) -> Any:
    """Take the options for every command, before or after its name, and run it.

    Args:
        db: The store, a SQLite file. [default: in the platform's data folder]
        source: Read this format's sessions from this folder, and from no other; may be repeated.
        host: Serve on this address, which only this machine may reach. [default: 127.0.0.1]
        port: Serve on this port; 0 takes any free one. [default: 7710]
        no_open: Do not open the browser.
    """
    if not tokens:
        from ai_viewer.cli import serving

        settings = config.load(db=db, sources=source, host=host, port=port)
        _tell_of_refused_adapters()
        _tell_if_there_is_no_folder(settings)
        serving.run(settings, open_browser=not no_open)
        return 0
    command, bound, ignored = app.parse_args(tokens)
    if "settings" in ignored:
        bound.arguments["settings"] = config.load(db=db, sources=source, host=host, port=port)
    if "open_browser" in ignored:
        bound.arguments["open_browser"] = not no_open
    return command(*bound.args, **bound.kwargs)


Settings: TypeAlias = Annotated[Config, Parameter(parse=False)]
OpenBrowser: TypeAlias = Annotated[bool, Parameter(parse=False)]


@app.command
def ingest(*, once: Flag = False, json: Json = False, settings: Settings) -> int:
    """Read the sessions into the store, and go on reading what is added to them.

    Args:
        once: Read what is new, and stop.
        json: With --once, end with one JSON object: what was read and what the store holds.
    """
    if json and not once:
        from ai_viewer.errors import UsageError

        raise UsageError("--json needs --once: following has no end to tell of")
    _tell_of_refused_adapters()
    if not once:
        from ai_viewer.cli import serving

        _tell_if_there_is_no_folder(settings)
        serving.follow(settings)
        return 0

    from ai_viewer.cli.progress import ProgressReporter
    from ai_viewer.ingest import run

    with ProgressReporter() as report:
        summary = run.ingest_once(settings, report)
    if not summary.files and not summary.files_unchanged:
        say(nothing_found(settings))
    if json:
        write_json(summary)
        return 0
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in summary.records.items() if number)
    print(
        f"Read {size(summary.bytes)} of {summary.files:,} files; {summary.files_unchanged:,} had nothing new."
    )
    print(f"Records: {outcomes or 'none'}.")
    print(f"The store holds {summary.sessions:,} sessions, {summary.turns:,} turns, {summary.ops:,} ops.")
    if summary.problems:
        print(f"{summary.problems:,} records could not be read; `ai-viewer sources` shows where.")
    return 0


@app.command
def serve(*, settings: Settings, open_browser: OpenBrowser) -> int:
    """Show the store in the browser, without reading any source."""
    from ai_viewer.cli import serving

    serving.serve(settings, open_browser=open_browser)
    return 0


@app.command
def sources(*, json: Json = False, settings: Settings) -> int:
    """Show the folders that are read, and what became of every record in them."""
    from ai_viewer.cli import reading, tables
    from ai_viewer.server import overview

    _tell_of_refused_adapters()
    with reading.open_store(settings) as reader:
        told = overview.all_sources(reader, settings)
    if json:
        write_json(told)
    else:
        tables.show_sources(told)
    return 0


@app.command(name="sessions")
def list_sessions(
    *,
    limit: int = 20,
    format: str | None = None,  # noqa: A002 - the option's name
    project: str | None = None,
    model: str | None = None,
    agent: str | None = None,
    status: SessionStatus | None = None,
    text: str | None = None,
    failed: Flag = False,
    all: Flag = False,  # noqa: A002 - the option's name
    json: Json = False,
    settings: Settings,
) -> int:
    """List the sessions, latest activity first.

    Args:
        limit: At most this many.
        format: Only those of this format.
        project: Only those in this folder.
        model: Only those with this model.
        agent: Only those of this agent.
        status: Only those in this state.
        text: Only those with this in title, first prompt, folder or id.
        failed: Only those in which something failed.
        all: Also those that other sessions started.
    """
    from ai_viewer.cli import reading, tables
    from ai_viewer.store import sessions

    wanted = _wanted(format, project, model, agent, status, text, failed=failed, all_of_them=all)
    with reading.reading(settings) as connection:
        page = sessions.page(connection, wanted, now=moments.now(), limit=max(1, limit))
    if json:
        write_json(page)
    elif page.total:
        tables.show_sessions(page)
    else:
        say("No session is like that." if _narrowed(wanted) else nothing_found(settings))
    return 0


@app.command
def search(
    *query: str,
    limit: int = 20,
    best: Flag = False,
    json: Json = False,
    settings: Settings,
) -> int:
    """Search prompts, answers, reasoning, tool inputs and outputs, titles, errors and logs.

    Words, "phrases", begin*, *within*, -not, and conditions such as tool:Bash, model:opus*, kind:prompt,
    project:NAME, is:failed, after:7d, dur:>30s; docs/search.md tells all. Put them in single quotes.

    Args:
        limit: At most this many hits.
        best: The best hits first, not the newest.
    """
    from ai_viewer.cli import reading
    from ai_viewer.cli.findings import show_findings
    from ai_viewer.errors import UsageError
    from ai_viewer.query import QueryError, parse

    try:
        asked = parse(" ".join(query))
    except QueryError as error:
        raise UsageError(str(error)) from error
    with reading.reading(settings) as connection:
        told = reading.search(connection, asked, limit=max(1, limit), sort="best" if best else "newest")
    if json:
        write_json(told)
    elif told.groups:
        show_findings(told)
    else:
        say("Nothing is found by that.")
    return 0


@app.command
def show(session: str, /, *, json: Json = False, settings: Settings) -> int:
    """Show one session: its head, its turns, and what was done in them.

    Args:
        session: Its id, the agent's own id, or the beginning of either.
    """
    from ai_viewer.cli import reading, tables

    with reading.reading(settings) as connection:
        detail, turns = reading.whole_session(connection, reading.resolve(connection, session))
    if json:
        write_json({**msgspec.structs.asdict(detail), "turns": turns})
    else:
        tables.show_session(detail, turns)
    return 0


@app.command
def export(
    *session: str,
    format: ExportFormat | None = None,  # noqa: A002 - the option's name
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    push: Annotated[str | None, Parameter(metavar="URL")] = None,
    header: Annotated[tuple[str, ...], Parameter(negative=(), metavar="NAME=VALUE", show_default=False)] = (),
    texts: Flag = False,
    alone: Annotated[bool, Parameter(negative="--tree", show_default=False)] = False,
    no_redact: Flag = False,
    limit: int | None = None,
    recorded_by: Annotated[str | None, Parameter(name="--from", metavar="FORMAT")] = None,
    project: str | None = None,
    model: str | None = None,
    agent: str | None = None,
    status: SessionStatus | None = None,
    text: str | None = None,
    failed: Flag = False,
    all: Flag = False,  # noqa: A002 - the option's name
    settings: Settings,
) -> int:
    """Write sessions as one file, secrets masked: to read, to share, or for other programs.

    Args:
        session: Its id, the agent's own id, or the beginning of either; may be several.
        format: What to write. [default: by the output's extension, else html]
        output: Write to this file instead of stdout.
        push: Send OTLP traces to this address: http://127.0.0.1:4318/v1/traces. Nothing else leaves
            this machine.
        header: With --push, send this HTTP header along; may be repeated.
        texts: With OTLP, also prompts, answers, and the tools' inputs and outputs.
        alone: Without the sessions that it started. --tree: with them, as by default.
        no_redact: Leave secrets as they are.
        limit: Without a session: the latest this many that the options below let through.
        recorded_by: Only those of this format.
        project: Only those in this folder.
        model: Only those with this model.
        agent: Only those of this agent.
        status: Only those in this state.
        text: Only those with this in title, first prompt, folder or id.
        failed: Only those in which something failed.
        all: Also those that other sessions started, each on its own.
    """
    from ai_viewer.cli import exporting
    from ai_viewer.errors import UsageError
    from ai_viewer.secrets import Redactor

    wanted = _wanted(recorded_by, project, model, agent, status, text, failed=failed, all_of_them=all)
    if push is not None and (output is not None or format not in {None, "otlp"}):
        raise UsageError("--push sends OTLP, and writes no file")
    if header and push is None:
        raise UsageError("--header needs --push")
    form = format or _format_of(output)
    asked = _narrowed(wanted) or all or limit is not None
    with exporting.opened(settings, Redactor(on=not no_redact), tree=not alone, texts=texts) as (
        connection,
        exporter,
    ):
        ids = exporting.chosen(connection, session, wanted if asked else None, limit)
        if push is not None:
            exporting.send(exporter, ids, push, header)
        else:
            exporting.write(exporter, ids, form, output)
    return 0


@app.command
def mcp(*, settings: Settings) -> int:
    """Let an agent read the sessions, over the Model Context Protocol on stdin and stdout.

    Nothing can be changed, and secrets are masked. Needs the extra: pip install 'ai-viewer[mcp]'.
    """
    from ai_viewer.cli import reading
    from ai_viewer.errors import UsageError

    try:
        from ai_viewer.mcp.server import run
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("mcp"):
            raise
        raise UsageError("this needs the MCP library: pip install 'ai-viewer[mcp]'") from error
    with reading.open_store(settings) as reader:
        run(reader)
    return 0


@app.command
def stats(
    *,
    by: By | None = None,
    limit: int | None = None,
    narrowing: Narrowing | None = None,
    json: Json = False,
    settings: Settings,
) -> int:
    """Sum up calls, tokens, cost and time.

    Args:
        by: Also of each of these.
        limit: At most this many of them.
    """
    from ai_viewer.cli import reading, tables
    from ai_viewer.store import stats as stored
    from ai_viewer.store.sums import By as Dimension

    wanted = narrowing or Narrowing()
    work, zone = wanted.work(), wanted.zone()
    with reading.reading(settings) as connection:
        told = stored.stats(
            connection,
            Dimension(by) if by else None,
            work,
            zone,
            limit=None if limit is None else max(1, limit),
        )
    if json:
        write_json(told)
    elif by:
        tables.show_groups(told, by)
    else:
        tables.show_totals(told.totals)
    return 0


@app.command
def failures(
    *, limit: int = 20, narrowing: Narrowing | None = None, json: Json = False, settings: Settings
) -> int:
    """Show what keeps failing: failed calls, those that differ in details only together.

    Args:
        limit: At most this many groups.
    """
    from ai_viewer.cli import reading, tables
    from ai_viewer.store import failures as stored

    with reading.reading(settings) as connection:
        told = stored.failures(connection, (narrowing or Narrowing()).work(), limit=max(1, limit))
    if json:
        write_json(told)
    elif told.total:
        tables.show_failures(told)
    else:
        say("Nothing failed.")
    return 0


@app.command
def reprice(*, json: Json = False, settings: Settings) -> int:
    """Price all calls anew, after an update of the price list or a change of your own prices.

    What the sources recorded stands. Nothing else may write the store meanwhile.
    """
    from ai_viewer.cli import reading, tables
    from ai_viewer.cli.output import messages
    from ai_viewer.store.reprice import reprice_store

    with reading.open_store(settings):
        # Only a store that is there has anything to price.
        pass
    with messages().status("Pricing all calls anew …") as status:
        told = reprice_store(
            settings.db,
            settings.prices(),
            lambda calls: status.update(f"Pricing all calls anew … {calls:,}"),
        )
    if json:
        write_json(told)
    else:
        tables.show_repriced(told)
    return 0


@app.command
def demo(*, settings: Settings, open_browser: OpenBrowser) -> int:
    """Show made-up sessions, to try everything; nothing of it stays."""
    from ai_viewer.cli import serving

    serving.demo(settings.host, settings.port, open_browser=open_browser)
    return 0


@app.command
def doctor(*, json: Json = False, settings: Settings) -> int:
    """Look for what could keep ai-viewer from working, and say what to do about it.

    The exit code is 1 if something is broken.
    """
    from ai_viewer.cli import doctor as checks
    from ai_viewer.cli.tables import show_diagnosis

    diagnosis = checks.diagnose_all(settings)
    if json:
        write_json(diagnosis)
    else:
        show_diagnosis(diagnosis)
    return 0 if diagnosis.ok else 1


@app.command
def verify(
    *, sample: int | None = None, seed: int | None = None, json: Json = False, settings: Settings
) -> int:
    """Read the sources again in another way, and prove that the store has all of them and sums it up right.

    Nothing is changed. The exit code is 1 if anything differs.

    Args:
        sample: Check only this many files and sessions, chosen at random.
        seed: With --sample, choose those that a run which told this number chose.
    """
    from ai_viewer.cli.progress import ProgressReporter
    from ai_viewer.cli.tables import show_verification
    from ai_viewer.errors import UsageError
    from ai_viewer.verify import run

    if sample is not None and sample < 1:
        raise UsageError("--sample: expected a number of at least 1")
    if seed is not None and sample is None:
        raise UsageError("--seed needs --sample: without it everything is checked")
    with ProgressReporter() as report:
        told = run.verify(settings, report, sample=sample, seed=seed)
    if json:
        write_json(told)
    else:
        show_verification(told)
    return 0 if told.ok else 1


@app.command
def openapi() -> int:
    """Write the description of the HTTP interface (OpenAPI, JSON)."""
    from ai_viewer.server.openapi import openapi_json

    sys.stdout.write(openapi_json().decode() + "\n")
    return 0


def _wanted(
    format_name: str | None,
    project: str | None,
    model: str | None,
    agent: str | None,
    status: SessionStatus | None,
    text: str | None,
    *,
    failed: bool,
    all_of_them: bool,
) -> Any:
    """Return the filter that a command's options describe."""
    from ai_viewer.store.sessions import SessionFilter

    return SessionFilter(
        format=format_name and format_name.replace("-", "_"),
        project=project,
        model=model,
        agent=agent,
        status=status,
        text=text,
        failed=True if failed else None,
        roots=not all_of_them,
    )


def _format_of(output: Path | None) -> ExportFormat:
    """Return the format that a file's name asks for."""
    name = output.name.lower() if output is not None else ""
    endings: dict[str, ExportFormat] = {
        ".md": "markdown",
        ".markdown": "markdown",
        ".otlp.json": "otlp",
        ".trace.json": "perfetto",
        ".json": "json",
    }
    return next((form for ending, form in endings.items() if name.endswith(ending)), "html")


def _narrowed(wanted: Any) -> bool:
    """Tell whether a filter asks for anything beyond what it asks for by default."""
    return any(getattr(wanted, field) is not None for field in wanted.__struct_fields__ if field != "roots")


def _tell_if_there_is_no_folder(settings: Config) -> None:
    if not any(source.root.is_dir() for source in settings.sources):
        say(nothing_found(settings))


def _tell_of_refused_adapters() -> None:
    for refused in ADAPTERS.refused:
        say(f"ai-viewer: {refused}")


def nothing_found(settings: Config) -> str:
    """Say where sessions were looked for, and how to point elsewhere."""
    places = "\n".join(f"  {source.format:12} {source.root}" for source in settings.sources)
    return (
        f"No sessions found. Looked in:\n{places or '  nowhere: the configuration names no source'}\n"
        f"Point elsewhere with --source FORMAT=PATH, or in {config.config_path()}.\n"
        "`ai-viewer demo` shows made-up sessions."
    )
