import { useMemo, useRef, useState } from "react";
import { type OpsChoice, opsOf } from "../../core/breakdown";
import { AXIS_PX, drawAxis, resize, tickTimes } from "../../core/paint-axis";
import { DOT_ROW_PX, dotRows, type DotsScene, hitDot, paintDots } from "../../core/paint-dots";
import { rowOfSelection } from "../../core/selection";
import { TimeAxis } from "../../core/time-axis";
import { formatClock } from "../../logic/time";
import { formatDuration, groupThousands } from "../../logic/units";
import { useSize } from "../../ui/use-size";
import { DataTable } from "./data-table";
import { OpCard } from "./hover-card";
import { Panel } from "./panel";
import { nameOf } from "./row-figures";
import styles from "./stats-view.module.css";
import { useBenchState } from "./use-bench";
import { type Point, usePlotPointer, useRedraw } from "./use-plot";
import type { ViewProps } from "./view-props";

const ROWS = 14;

/** When which tool was called: a dot a call, on the time that the other views share. */
export function CallDots({
  bench,
  lanes,
  palette,
  whole,
  waits,
  choice,
  onGoTo,
}: ViewProps & { choice: OpsChoice; onGoTo: (op: number) => void }) {
  const { trace } = lanes;
  const sel = useBenchState(bench, (state) => state.sel);
  const [plot, setPlot] = useState<HTMLDivElement | null>(null);
  const { width } = useSize(plot);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const axisRef = useRef<HTMLCanvasElement>(null);
  const pointer = useRef<Point>({ x: 0, y: 0 });
  const rows = useMemo(() => dotRows(trace, opsOf(trace, choice), ROWS), [trace, choice]);
  const height = rows.length * DOT_ROW_PX;
  const chosen = sel?.type === "op" ? rowOfSelection(trace, sel).ref : -1;
  const makeAxis = () => {
    const range = bench.state.range ?? whole;
    return new TimeAxis(range.start, range.end, Math.max(1, width), waits);
  };
  const makeScene = (): DotsScene => {
    const axis = makeAxis();
    const density = window.devicePixelRatio || 1;
    return { trace, rows, axis, ticks: tickTimes(axis), density, chosen, preview: bench.state.preview };
  };
  useRedraw(bench, () => {
    const context = canvasRef.current?.getContext("2d");
    const head = axisRef.current?.getContext("2d");
    if (!canvasRef.current || !axisRef.current || !context || !head || width < 2 || height < 2) return;
    const scene = makeScene();
    resize(canvasRef.current, width, height, scene.density);
    resize(axisRef.current, width, AXIS_PX, scene.density);
    paintDots(context, scene, palette);
    drawAxis(head, scene.axis, scene.density, palette);
  });
  const pointing = usePlotPointer({
    bench,
    whole,
    axis: makeAxis,
    onHover: (at) => {
      pointer.current = at;
      const op = hitDot(makeScene(), at.x, at.y);
      bench.set({ hover: op === -1 ? null : op });
    },
    onChoose: (at) => {
      const op = hitDot(makeScene(), at.x, at.y);
      if (op !== -1) onGoTo(op);
    },
  });
  const listed = useMemo(
    () =>
      rows
        .flatMap(({ ops }) => [...ops])
        .toSorted((one, other) => (trace.ops.start[one] ?? 0) - (trace.ops.start[other] ?? 0)),
    [rows, trace],
  );
  const table = () => (
    <DataTable
      label="Tool calls"
      columns={[
        { text: "Tool", width: "minmax(160px, 1fr)" },
        { text: "Began", width: "80px", number: true },
        { text: "Time", width: "80px", number: true },
        { text: "Status", width: "90px" },
      ]}
      count={listed.length}
      cell={(row, column) => {
        const op = listed[row] ?? 0;
        const long = trace.ops.duration[op] ?? Number.NaN;
        return [
          nameOf(trace, op),
          formatClock(trace.ops.start[op] ?? 0),
          formatDuration(Number.isNaN(long) ? null : long),
          trace.head.statuses[trace.ops.status[op] ?? 0],
        ][column];
      }}
      chosen={listed.indexOf(chosen)}
      onChoose={(row) => onGoTo(listed[row] ?? 0)}
    />
  );
  return (
    <Panel title="Tool calls" hint="Each dot is a call, each cross a failed one" table={table}>
      {rows.length === 0 ? (
        <p className={styles.none}>No tool was called here.</p>
      ) : (
        <div className={styles.dots} aria-hidden="true">
          <div className={styles.dotNames}>
            {rows.map((row) => (
              <span key={row.name} title={row.name}>
                {row.name} <i>{groupThousands(row.ops.length)}</i>
              </span>
            ))}
          </div>
          <div className={styles.dotBox}>
            <canvas ref={axisRef} style={{ width, height: AXIS_PX }} />
            <div ref={setPlot} className={styles.dotPlot} style={{ height }} {...pointing}>
              <canvas ref={canvasRef} style={{ width, height }} />
              <OpCard bench={bench} trace={trace} at={pointer} width={width} height={height} />
            </div>
          </div>
        </div>
      )}
    </Panel>
  );
}
