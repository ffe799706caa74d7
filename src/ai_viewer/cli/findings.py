"""What a search found, for a person at a terminal."""

from __future__ import annotations

from rich.text import Text

from ai_viewer.cli.output import console, moment
from ai_viewer.cli.tables import short
from ai_viewer.store.views_search import SearchHit, SearchPage

FOUND = "bold yellow"


def show_findings(told: SearchPage) -> None:
    """Write the hits by session, each with its place and a line or two of its text."""
    out = console()
    for group in told.groups:
        session = group.session
        head = Text(session.title or session.agent or session.id, style="bold")
        place = "  ".join(filter(None, (short(session.id), session.cwd)))
        head.append(f"  {place}", style="not bold dim")
        out.print(head, soft_wrap=True)
        for hit in group.hits:
            out.print(Text(f"  {_place(hit)}", style="cyan"), soft_wrap=True)
            if hit.snippet is not None:
                text = Text(hit.snippet.text)
                for start, length in hit.snippet.marks:
                    text.stylize(FOUND, start, start + length)
                before, after = "…" if hit.snippet.offset else "", "…" if hit.snippet.more else ""
                out.print(Text.assemble("    ", before, text, after), soft_wrap=True)
    shown = sum(len(group.hits) for group in told.groups)
    if told.widened:
        out.print("Found within words; nothing has these words as they stand.")
    if told.next is not None:
        total = f"{'more than ' if told.at_least else ''}{max(told.total or 0, shown):,}"
        out.print(f"{shown:,} of {total} hits; --limit shows more")


def _place(hit: SearchHit) -> str:
    """Tell where a hit is and of what: ``turn 3 op 17 tool_output of Bash, failed  2026-01-31 12:00``."""
    where = [] if hit.turn is None else [f"turn {hit.turn}"]
    if hit.seq is not None:
        where.append(f"op {hit.seq}")
    what = hit.kind + (f" of {hit.op_name}" if hit.op_name else "")
    notes = [name for name, so in (("failed", hit.status == "failed"), ("copy", hit.replay)) if so]
    return f"{' '.join([*where, ', '.join([what, *notes])])}  {moment(hit.ts)}"
