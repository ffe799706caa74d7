"""Proof that nothing was dropped and that every number is right, by a second and simpler path.

    from the sources   each file's records are decoded again and counted by a counter of its own
                       (`counters`), and compared with what the store has of the file (`files`)
    from the ops       all that derives from them is computed again, op by op (`derived`)
    the database       what no row of the store may be (`internals`)

Nothing here uses what it checks: no parser, no folding, no statement that derives. It shares with
the ingest how a format's files are found, and how one record's JSON is decoded. Sources and store are
only read; both may be written meanwhile.
"""
