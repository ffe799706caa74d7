"""The database itself: its structure, its references, its notices."""

from __future__ import annotations

from ai_viewer.store.scan import Scan
from ai_viewer.verify.report import Findings, Place

QUICK_BYTES = 2_000_000_000
"""Of a larger store SQLite does not compare the indexes with the tables: it would take minutes."""


def check_structure(scan: Scan, findings: Findings) -> None:
    """Have SQLite look at every page."""
    place = Place(path=scan.path.name, root=str(scan.path.parent))
    damage = scan.damage(quick=scan.path.stat().st_size > QUICK_BYTES)
    findings.checked["structure"] += 1
    for text in damage:
        findings.differ("structure", place, "SQLite's own check", "ok", text)


def check_rows(scan: Scan, findings: Findings) -> None:
    """Look for rows that belong to nothing, and at the notices' numbers."""
    nowhere = Place()
    findings.checked["orphan"] += 1
    for table, row, parent in scan.broken_references():
        findings.differ("orphan", nowhere, f"table {table}, row {row}", f"its row in {parent}", "none")
    for what, where in scan.orphans():
        findings.differ("orphan", nowhere, what, "none", where)
    findings.checked["days"] += 1
    for day in scan.wrong_days():
        findings.differ("days", nowhere, f"sums of day {day} since 1970", "those of its rows", "others")
    findings.checked["change"] += 1
    newest, given = scan.changes()
    if newest is not None and newest > given:
        findings.differ("change", nowhere, "the newest notice", f"at most {given}", newest)
    elif newest is None and given:
        findings.differ("change", nowhere, "the newest notice", given, "none")
