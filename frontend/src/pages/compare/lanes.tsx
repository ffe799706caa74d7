/** Both sessions as bars over time, one above the other, looked at through one window. */

import { useRef, useState } from "react";
import { useSearchParams } from "wouter";
import { useTimeline } from "../../api/queries";
import { formatDuration } from "../../logic/units";
import { Panel } from "../../ui/charts/panel";
import styles from "./compare.module.css";

const WIDTH = 1000;
const ROW = 8;

interface Bar {
  from: number;
  to: number;
  kind: string;
  row: number;
  failed: boolean;
}

interface Lane {
  wall: number;
  rows: number;
  bars: Bar[];
}

export function TwinLanes({ a, b }: { a: string; b: string }) {
  const [one, other] = [useTimeline(a), useTimeline(b)];
  const [params, setParams] = useSearchParams();
  const byShare = params.get("align") === "share";
  const lanes = [laneOf(one.data), laneOf(other.data)] as const;
  const longest = Math.max(1, ...lanes.map((lane) => lane.wall));
  const [low = 0, high = 1] = (params.get("zoom") ?? "0-1").split("-").map(Number);
  const window = high > low ? ([low, high] as const) : ([0, 1] as const);
  const change = (values: Record<string, string | null>) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value === null) after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  return (
    <Panel
      name="lanes"
      title="One above the other"
      hint="Drag over a lane to look closer at both"
      asked={one.data ? other : one}
      rows={4}
      controls={
        <>
          {params.has("zoom") ? (
            <button type="button" className={styles.choice} onClick={() => change({ zoom: null })}>
              All of it
            </button>
          ) : null}
          <select
            className={styles.choice}
            aria-label="Side by side by"
            value={byShare ? "share" : "time"}
            onChange={(event) => change({ align: event.target.value === "share" ? "share" : null })}
          >
            <option value="time">from the start on</option>
            <option value="share">by share of each one&apos;s time</option>
          </select>
        </>
      }
    >
      <div className={styles.lanes}>
        {lanes.map((lane, at) => (
          <LaneBars
            key={at === 0 ? "a" : "b"}
            name={at === 0 ? "A" : "B"}
            lane={lane}
            whole={byShare ? Math.max(1, lane.wall) : longest}
            window={window}
            onZoom={(from, to) => change({ zoom: `${from.toFixed(4)}-${to.toFixed(4)}` })}
          />
        ))}
      </div>
    </Panel>
  );
}

function LaneBars({
  name,
  lane,
  whole,
  window,
  onZoom,
}: {
  name: string;
  lane: Lane;
  whole: number;
  window: readonly [number, number];
  onZoom: (from: number, to: number) => void;
}) {
  const svg = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const [low, high] = window;
  const x = (time: number) => ((time / whole - low) / (high - low)) * WIDTH;
  const at = (event: React.PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    return box ? Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) : 0;
  };
  const shown = lane.bars.filter((bar) => x(bar.to) >= 0 && x(bar.from) <= WIDTH);
  const height = Math.max(1, lane.rows) * ROW + 4;
  return (
    <div className={styles.lane}>
      <b>{name}</b>
      <svg
        ref={svg}
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        style={{ height: Math.max(40, height * 2) }}
        role="img"
        aria-label={`${name}: ${lane.bars.length} bars over ${formatDuration(lane.wall)}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([at(event), at(event)]);
        }}
        onPointerMove={(event) => {
          if (drag) setDrag([drag[0], at(event)]);
        }}
        onPointerUp={() => {
          if (drag && Math.abs(drag[1] - drag[0]) > 0.01) {
            const [from, to] = [Math.min(...drag), Math.max(...drag)];
            onZoom(low + from * (high - low), low + to * (high - low));
          }
          setDrag(null);
        }}
      >
        {shown.map((bar) => (
          <rect
            key={`${bar.row} ${bar.from} ${bar.kind}`}
            x={x(bar.from)}
            width={Math.max(1, x(bar.to) - x(bar.from))}
            y={2 + bar.row * ROW}
            height={ROW - 1}
            style={{ fill: `var(--kind-${bar.kind})` }}
            {...(bar.failed ? { stroke: "var(--failed)", strokeWidth: 1 } : {})}
          />
        ))}
        {drag ? (
          <rect
            className={styles.brush}
            x={Math.min(...drag) * WIDTH}
            width={Math.abs(drag[1] - drag[0]) * WIDTH}
            y={0}
            height={height}
          />
        ) : null}
      </svg>
      <span className={styles.number}>{formatDuration(lane.wall)}</span>
    </div>
  );
}

function laneOf(told: ReturnType<typeof useTimeline>["data"]): Lane {
  const main = told?.lanes[0];
  if (!main || told.start_ts === null || told.end_ts === null) return { wall: 0, rows: 1, bars: [] };
  const start = told.start_ts;
  return {
    wall: told.end_ts - start,
    rows: main.rows,
    bars: main.bars.map((bar) => ({
      from: bar.start_ts - start,
      to: bar.end_ts - start,
      kind: bar.kind === "internal" ? "system" : bar.kind,
      row: bar.row,
      failed: bar.failures > 0,
    })),
  };
}
