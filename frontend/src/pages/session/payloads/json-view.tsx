/** JSON as a tree, of which only what is open exists; a list of alike things as a table, too. */

import { useMemo, useState } from "react";
import {
  countNodes,
  findInJson,
  holders,
  type Json,
  type JsonRow,
  jsonRows,
  type JsonTable,
  jsonTable,
} from "../../../logic/payloads/json-tree";
import { groupThousands, plural } from "../../../logic/units";
import { CopyButton } from "../../../ui/copy-button";
import { Chevron } from "../../../ui/icons";
import styles from "./json-view.module.css";

const OPEN_DEPTH = 2;
const OPEN_SIZE = 12;
const MOST_ROWS = 300;
const LONG_TEXT = 300;
const SEARCH_NODES = 8;

export function JsonView({ value }: { value: Json }) {
  const nodes = useMemo(() => countNodes(value), [value]);
  const table = useMemo(() => jsonTable(value), [value]);
  const [asTable, setAsTable] = useState(false);
  const [search, setSearch] = useState("");
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [most, setMost] = useState(MOST_ROWS);
  const found = useMemo(() => findInJson(value, search), [value, search]);
  const rows = useMemo(() => {
    const shown = new Set(found.flatMap(holders));
    const size = typeof value === "object" && value !== null ? Object.keys(value).length : 0;
    return jsonRows(value, (path, depth) => {
      const usual = depth === 0 || (depth < OPEN_DEPTH && size <= OPEN_SIZE) || shown.has(path);
      return toggled.has(path) ? !usual : usual;
    });
  }, [value, found, toggled]);
  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const hits = new Set(found);
  return (
    <div className={styles.json} data-view="json" data-nodes={nodes}>
      {nodes >= SEARCH_NODES ? (
        <div className={styles.head}>
          <span className={styles.muted}>{plural(nodes, "value")}</span>
          <input
            type="search"
            className={styles.search}
            placeholder="Search names and values"
            aria-label="Search in this JSON"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          {search ? <span role="status">{plural(found.length, "match", "matches")}</span> : null}
          {table ? (
            <button
              type="button"
              className={styles.switch}
              aria-pressed={asTable}
              onClick={() => setAsTable(!asTable)}
            >
              Table
            </button>
          ) : null}
        </div>
      ) : null}
      {asTable && table ? (
        <Table table={table} />
      ) : (
        <ul className={styles.rows}>
          {rows.slice(0, most).map((row) => (
            <Row key={row.path} row={row} hit={hits.has(row.path)} onToggle={() => toggle(row.path)} />
          ))}
        </ul>
      )}
      {!asTable && rows.length > most ? (
        <button type="button" className={styles.more} onClick={() => setMost(most + MOST_ROWS)}>
          {groupThousands(rows.length - most)} more
        </button>
      ) : null}
    </div>
  );
}

function Row({ row, hit, onToggle }: { row: JsonRow; hit: boolean; onToggle: () => void }) {
  const { path, key, depth, value, size, open } = row;
  return (
    <li className={styles.row} style={{ paddingLeft: depth * 16 }} data-hit={hit ? "" : undefined}>
      {size === null || size === 0 ? (
        <span className={styles.indent} />
      ) : (
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={open}
          onClick={onToggle}
          aria-label={path}
        >
          <Chevron open={open} />
        </button>
      )}
      {key === "" ? null : <span className={styles.key}>{key}</span>}
      {size === null ? <Value value={value} /> : <span className={styles.muted}>{holds(value, size)}</span>}
      <span className={styles.copy}>
        <CopyButton text={path} label={`Copy the path ${path}`} />
      </span>
    </li>
  );
}

function holds(value: Json, size: number): string {
  if (Array.isArray(value)) return size === 0 ? "[ ]" : `[ ${plural(size, "item")} ]`;
  return size === 0 ? "{ }" : `{ ${plural(size, "field")} }`;
}

function Value({ value }: { value: Json }) {
  const [all, setAll] = useState(false);
  if (typeof value !== "string") return <span className={styles.plain}>{String(value)}</span>;
  const long = value.length > LONG_TEXT;
  return (
    <span className={styles.string}>
      {long && !all ? `${value.slice(0, LONG_TEXT)}…` : value}
      {value === "" ? <span className={styles.muted}>empty</span> : null}
      {long ? (
        <button type="button" className={styles.inline} onClick={() => setAll(!all)}>
          {all ? "less" : `all ${groupThousands(value.length)} characters`}
        </button>
      ) : null}
    </span>
  );
}

function Table({ table }: { table: JsonTable }) {
  const [most, setMost] = useState(MOST_ROWS);
  return (
    <div
      className={styles.tableBox}
      role="region"
      aria-label="As a table"
      // A region that scrolls has to be reachable by the keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, most).map((row, index) => (
            // Rows never move within one list.
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={table.columns[column]}>{cellText(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > most ? (
        <button type="button" className={styles.more} onClick={() => setMost(most + MOST_ROWS)}>
          {groupThousands(table.rows.length - most)} more
        </button>
      ) : null}
    </div>
  );
}

function cellText(cell: Json | undefined): string {
  if (cell === undefined) return "";
  const text = typeof cell === "string" ? cell : JSON.stringify(cell);
  return text.length > LONG_TEXT ? `${text.slice(0, LONG_TEXT)}…` : text;
}
