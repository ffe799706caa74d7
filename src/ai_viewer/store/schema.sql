-- The store, top to bottom. Any SQLite tool can read it.
--
-- Primary facts are written by the ingest; everything under a "derived" heading is
-- recomputed from them in the same transaction and never counted up.
-- Times are integer microseconds since the epoch, UTC. Money is integer nano-dollars.
-- `session.id` and `payload.id` are inside numbers; the stable names are
-- (format, native_id) and (session, turn, seq, kind, part).

-- One row: the version of this schema, written by migrations.
CREATE TABLE schema_meta (
    version INTEGER NOT NULL
) STRICT;

-- The price lists, with the user's own prices, that calls in this store were priced by; more than
-- one after a change, until all are priced anew. `repriced_to` is the last session that was, while
-- that goes on.
CREATE TABLE price_list (
    name TEXT PRIMARY KEY,
    repriced_to INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- A folder that one format's sessions are read from.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    root TEXT NOT NULL,
    UNIQUE (format, root)
) STRICT;

-- A source file and how far it has been read: `offset` is the end of the last whole record.
-- `state` is the parser's saved state there, zstd-compressed; of a file that is told whole when it
-- changes, digests of what it told. A session in a database or tree of many is a file
-- `<collection>/<name>`; the collection itself has a row too, with offset -1.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source,
    path TEXT NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,         -- of its first and its last read bytes: tells a rewritten file
    adapter_version INTEGER NOT NULL,
    state BLOB NOT NULL,
    missing INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    UNIQUE (source_id, path)
) STRICT;

-- What became of a file's records: mapped, ignored:<rule>, unknown:<type>, malformed.
CREATE TABLE record_count (
    file_id INTEGER NOT NULL REFERENCES file,
    outcome TEXT NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (file_id, outcome)
) STRICT, WITHOUT ROWID;

-- Records that could not be read, with their place.
CREATE TABLE problem (
    file_id INTEGER NOT NULL REFERENCES file,
    offset INTEGER NOT NULL,
    error_class TEXT NOT NULL,
    message TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    PRIMARY KEY (file_id, offset)
) STRICT, WITHOUT ROWID;

-- What one file says about one session. Several files may speak of the same session: its
-- own transcript, a sidecar, its parent's transcript, an archived copy.
CREATE TABLE session_fact (
    session_id INTEGER NOT NULL REFERENCES session,
    file_id INTEGER NOT NULL REFERENCES file,
    rank INTEGER NOT NULL,
    content INTEGER NOT NULL,             -- whether this file tells turns or ops of it
    kind TEXT,
    parent_id INTEGER REFERENCES session,
    parent_op TEXT,
    agent TEXT,
    title TEXT,
    model TEXT,
    provider TEXT,
    cwd TEXT,
    git_branch TEXT,
    client TEXT,
    started_at INTEGER,
    last_at INTEGER,
    ended_at INTEGER,
    status TEXT,
    error_class TEXT,
    error_message TEXT,
    call_path TEXT,
    pr_url TEXT,
    PRIMARY KEY (session_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_fact_file ON session_fact (file_id);

-- A session. A row exists as soon as anything names the session, so that links need no
-- later resolving; `owner_file` is NULL until a file tells its content.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    native_id TEXT NOT NULL,
    owner_file INTEGER REFERENCES file,   -- whose turns and ops these are: the best (rank, path)
    -- derived from session_fact: of each fact, the best file's
    kind TEXT NOT NULL DEFAULT 'root',
    parent_id INTEGER REFERENCES session,
    parent_op TEXT,
    agent TEXT,
    title TEXT,
    model TEXT,
    provider TEXT,
    cwd TEXT,
    git_branch TEXT,
    client TEXT,
    started_at INTEGER,
    last_at INTEGER,
    ended_at INTEGER,
    status TEXT NOT NULL DEFAULT 'running',
    error_class TEXT,
    error_message TEXT,
    -- derived from turn: sums over its turns
    turns INTEGER NOT NULL DEFAULT 0,
    ops INTEGER NOT NULL DEFAULT 0,
    llm_calls INTEGER NOT NULL DEFAULT 0,
    tool_calls INTEGER NOT NULL DEFAULT 0,
    tool_failures INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    replays INTEGER NOT NULL DEFAULT 0,
    tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    tokens_reasoning INTEGER NOT NULL DEFAULT 0,
    tokens_cache_read INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write_5m INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write_1h INTEGER NOT NULL DEFAULT 0,
    cost_nano INTEGER NOT NULL DEFAULT 0,
    unpriced_calls INTEGER NOT NULL DEFAULT 0,
    context_peak INTEGER NOT NULL DEFAULT 0,
    busy_us INTEGER NOT NULL DEFAULT 0,   -- all of the five below: the wall time less the waits
    model_us INTEGER NOT NULL DEFAULT 0,
    tool_us INTEGER NOT NULL DEFAULT 0,
    agent_us INTEGER NOT NULL DEFAULT 0,
    compaction_us INTEGER NOT NULL DEFAULT 0,
    idle_us INTEGER NOT NULL DEFAULT 0,
    wait_us INTEGER NOT NULL DEFAULT 0,
    -- derived from session_fact, as above
    call_path TEXT,
    pr_url TEXT,
    UNIQUE (format, native_id)
) STRICT;
CREATE INDEX session_parent ON session (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX session_recent ON session (last_at DESC, id DESC) WHERE owner_file IS NOT NULL;
CREATE INDEX session_owner ON session (owner_file) WHERE owner_file IS NOT NULL;
CREATE INDEX session_idle ON session (id) WHERE ops = 0 AND owner_file IS NOT NULL;

-- What the agent did for one user message. Turn 0 is work before the first one.
CREATE TABLE turn (
    session_id INTEGER NOT NULL REFERENCES session,
    turn INTEGER NOT NULL,
    start_ts INTEGER,
    end_ts INTEGER,
    status TEXT NOT NULL DEFAULT 'running',
    error_class TEXT,
    error_message TEXT,
    label TEXT,
    duration_us INTEGER GENERATED ALWAYS AS (CASE WHEN end_ts >= start_ts THEN end_ts - start_ts END) VIRTUAL,
    -- derived from op
    first_seq INTEGER,
    last_seq INTEGER,
    ops INTEGER NOT NULL DEFAULT 0,
    llm_calls INTEGER NOT NULL DEFAULT 0,
    tool_calls INTEGER NOT NULL DEFAULT 0,
    tool_failures INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    replays INTEGER NOT NULL DEFAULT 0,
    tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    tokens_reasoning INTEGER NOT NULL DEFAULT 0,
    tokens_cache_read INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write_5m INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write_1h INTEGER NOT NULL DEFAULT 0,
    cost_nano INTEGER NOT NULL DEFAULT 0,
    unpriced_calls INTEGER NOT NULL DEFAULT 0,
    context_peak INTEGER NOT NULL DEFAULT 0,
    -- derived from op and the neighbouring turns: the time between start and end, or the next
    -- turn's start, counted once; the first that applies
    model_us INTEGER NOT NULL DEFAULT 0,  -- a model call ran
    tool_us INTEGER NOT NULL DEFAULT 0,   -- a tool ran
    agent_us INTEGER NOT NULL DEFAULT 0,  -- a sub-agent ran
    compaction_us INTEGER NOT NULL DEFAULT 0,
    idle_us INTEGER NOT NULL DEFAULT 0,   -- nothing is known to have run
    wait_us INTEGER NOT NULL DEFAULT 0,   -- before the turn, since all earlier ones ended: the human's
    PRIMARY KEY (session_id, turn)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_start ON turn (session_id, start_ts) WHERE start_ts IS NOT NULL;

-- One span: a model call, a tool call, a sub-agent's run. `seq` orders a session's ops.
CREATE TABLE op (
    session_id INTEGER NOT NULL REFERENCES session,
    seq INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    kind TEXT NOT NULL DEFAULT 'internal',
    status TEXT NOT NULL DEFAULT 'running',
    timing TEXT NOT NULL DEFAULT 'point', -- measured | derived | point
    parent_seq INTEGER,
    native_id TEXT,
    name TEXT,
    namespace TEXT,
    model TEXT,
    provider TEXT,
    start_ts INTEGER,
    end_ts INTEGER,
    duration_us INTEGER GENERATED ALWAYS AS (CASE WHEN end_ts >= start_ts THEN end_ts - start_ts END) VIRTUAL,
    error_class TEXT,
    error_message TEXT,
    tokens_in INTEGER,                    -- fresh input only; the five kinds are disjoint
    tokens_out INTEGER,                   -- reasoning included
    tokens_reasoning INTEGER,
    tokens_cache_read INTEGER,
    tokens_cache_write_5m INTEGER,
    tokens_cache_write_1h INTEGER,
    context_used INTEGER,
    context_max INTEGER,
    cost_nano INTEGER,
    cost_source TEXT,                     -- recorded | priced | override; NULL: no price
    bytes_in INTEGER,
    bytes_out INTEGER,
    child_id INTEGER REFERENCES session,
    call INTEGER,                         -- identity of a model call over the whole store
    copied INTEGER NOT NULL DEFAULT 0,    -- the source itself shows this to be another session's
    -- derived: copied, or a model call that another op stands for, or a part of one
    replay INTEGER NOT NULL DEFAULT 0,
    tier TEXT,                            -- billed as fast, batch, ...; NULL: as usual
    web_searches INTEGER,                 -- run by the provider within the call, billed apart
    context_recorded INTEGER NOT NULL DEFAULT 0, -- the source told context_max, not the price list
    PRIMARY KEY (session_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX op_call ON op (call, start_ts) WHERE call IS NOT NULL;
CREATE INDEX op_child ON op (child_id) WHERE child_id IS NOT NULL;
CREATE INDEX op_replay ON op (session_id, seq) WHERE replay;
CREATE INDEX op_failed ON op (session_id, seq) WHERE status = 'failed';
CREATE INDEX op_spawn ON op (session_id, native_id) WHERE kind = 'session';

-- Derived from op: sums over the ops of a turn that are no replays, by the quarter of an hour in
-- which they started and by what they are. Every time zone's days are whole quarters of hours.
-- All statistics that part ops are sums over these rows.
CREATE TABLE rollup (
    session_id INTEGER NOT NULL REFERENCES session,
    turn INTEGER NOT NULL,
    quarter INTEGER NOT NULL,             -- since the epoch; -1: neither op nor turn tells a time
    kind TEXT NOT NULL,
    name TEXT NOT NULL,                   -- of a tool; '' where it has none, here and below
    namespace TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    ops INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_reasoning INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    tokens_cache_write_5m INTEGER NOT NULL,
    tokens_cache_write_1h INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    timed INTEGER NOT NULL,               -- ops of known duration, those of one instant left out
    duration_us INTEGER NOT NULL,         -- their sum
    context_peak INTEGER NOT NULL,
    context_share INTEGER NOT NULL,       -- the greatest share of context_max, in thousandths; 0: unknown
    tokens_max INTEGER NOT NULL,          -- of one op, here and below
    cost_max INTEGER NOT NULL,
    duration_max INTEGER NOT NULL,
    PRIMARY KEY (session_id, turn, quarter, kind, name, namespace, model, provider)
) STRICT, WITHOUT ROWID;

-- What texts have in common: a zstd dictionary, made from some of the first that were read, by which
-- others are compressed. `id` is its number within zstd, which each of those texts begins with.
CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;

-- Derived from rollup and turn: the days (UTC, since the epoch) on which a session has work; -1: at no
-- known time.
CREATE TABLE session_day (
    session_id INTEGER NOT NULL REFERENCES session,
    day INTEGER NOT NULL,
    PRIMARY KEY (session_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_day ON session_day (day, session_id);

-- The days of `session_day`, and whether what `tally` has of them is right.
CREATE TABLE day (
    day INTEGER PRIMARY KEY,
    sealed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Derived from rollup and turn, of sealed days: sums by one dimension, in slots of `width` quarters of an
-- hour. `before` is the quarter in which the sessions and turns counted had been seen last under this
-- key before this slot; -1: at no known time, -3: never, -2: what can be added up.
CREATE TABLE tally (
    dimension TEXT NOT NULL,
    width INTEGER NOT NULL,                  -- 1, 4 or 96 quarters
    slot INTEGER NOT NULL,                    -- since the epoch; -1: at no known time
    key TEXT NOT NULL,
    before INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    sessions_completed INTEGER NOT NULL,
    sessions_failed INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    ops INTEGER NOT NULL,
    llm_calls INTEGER NOT NULL,
    tool_calls INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tool_failures INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_reasoning INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    tokens_cache_write_5m INTEGER NOT NULL,
    tokens_cache_write_1h INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    unpriced_calls INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    timed_ops INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    llm_duration_us INTEGER NOT NULL,
    tool_duration_us INTEGER NOT NULL,
    context_peak INTEGER,
    first_quarter INTEGER,
    last_quarter INTEGER,
    busy_us INTEGER NOT NULL,
    compaction_us INTEGER NOT NULL,
    model_us INTEGER NOT NULL,
    tool_us INTEGER NOT NULL,
    agent_us INTEGER NOT NULL,
    idle_us INTEGER NOT NULL,
    wait_us INTEGER NOT NULL,
    context_share INTEGER,
    first_namespace TEXT,
    last_namespace TEXT,
    PRIMARY KEY (dimension, width, slot, key, before)
) STRICT, WITHOUT ROWID;

-- Texts and images of a turn (seq 0) or op: kept here, compressed, unless too large;
-- (offset, length, pointer) say where the source has them.
CREATE TABLE payload (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES session,
    turn INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    part INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,               -- size of the whole text (UTF-8) or data
    codec TEXT NOT NULL,                  -- plain | zstd | dictionary: zstd with one | none: too large to keep
    data BLOB,
    path TEXT,                            -- where it is if not in the session's own file
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    pointer TEXT NOT NULL,
    UNIQUE (session_id, turn, seq, kind, part)
) STRICT;

-- What else is found by its text: titles, error messages and log entries, whose texts stand there.
-- Derived from session, turn, op and log. An id is none of a payload.
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES session,
    kind TEXT NOT NULL,                   -- title | session_error | turn_error | op_error | log
    number INTEGER NOT NULL,              -- the turn, the op's seq, the log entry's n, else 0
    digest INTEGER NOT NULL,              -- of the text
    UNIQUE (session_id, kind, number)
) STRICT;

-- Full text of payloads and passages, by their ids, which follow time: the second, times 1024, and
-- on. Characters of scripts that do not part words are words of their own.
CREATE VIRTUAL TABLE payload_text USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);

-- Written in large pieces, of which many are merged at once: it is nearly all of what a first reading
-- costs the writer.
INSERT INTO payload_text (payload_text, rank) VALUES ('hashsize', 33554432), ('automerge', 16);

-- Notices of the agent's own.
CREATE TABLE log (
    session_id INTEGER NOT NULL REFERENCES session,
    n INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ts INTEGER,
    severity TEXT NOT NULL,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (session_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_turn ON log (session_id, turn);

-- The change notices: one row per session touched by a transaction, numbered for ever.
-- `session_id` 0 is a change of sources only.
CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    turn INTEGER                          -- the first turn that it, or an op in it, changed; NULL: none
) STRICT;
