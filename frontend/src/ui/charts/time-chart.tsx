/** Values over time, stacked where they add up: drag over it to choose a range. */

import { useEffect, useEffectEvent, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../../api/types";
import { formatLine, formatMetric, type Unit } from "../../logic/metrics";
import { plural } from "../../logic/units";
import { colourPlaces } from "../../logic/series-colours";
import { MONTHS } from "../../logic/time";
import { usePalette } from "../use-palette";
import { useSize } from "../use-size";
import styles from "./time-chart.module.css";

const NO_KINDS: readonly string[] = [];
const HEIGHT = 240;

interface TimeChartProps {
  series: Series;
  unit: Unit;
  /** Whether the lines are parts of one sum. */
  stacked: boolean;
  label: string;
  onRange: (since: number, until: number) => void;
}

export function TimeChart({ series, unit, stacked, label, onRange }: TimeChartProps) {
  const [place, setPlace] = useState<HTMLDivElement | null>(null);
  const { width } = useSize(place);
  const palette = usePalette(NO_KINDS);
  const [shown, setShown] = useState<number | null>(null);
  const choose = useEffectEvent(onRange);

  useEffect(() => {
    if (!place || width === 0) return undefined;
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const places = colourPlaces(series.lines.map((line) => line.key));
    const colours = series.lines.map((line) => {
      const at = places.get(line.key);
      return token(at === null || at === undefined ? "--series-other" : `--series-${at}`);
    });
    const single = series.lines.length === 1;
    const x = series.buckets.map((bucket) => bucket.start / 1e6);
    const sums = x.map(() => 0);
    const data: uPlot.AlignedData = [
      x,
      ...series.lines.map((line) =>
        line.values.map((value, at) => {
          if (!stacked) return value;
          sums[at] = (sums[at] ?? 0) + (value ?? 0);
          return sums[at] ?? 0;
        }),
      ),
    ];
    const last = series.buckets.at(-1);
    const axis: uPlot.Axis = {
      stroke: palette.muted,
      grid: { stroke: palette.hairline, width: 1 },
      ticks: { stroke: palette.hairline, width: 1 },
      font: "11px Inter, sans-serif",
    };
    const bars = stacked && x.length <= 400;
    const plot = new uPlot(
      {
        width,
        height: HEIGHT,
        padding: [12, 12, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: !bars } },
        scales: {
          x: {
            time: true,
            range: (_, low, high) =>
              bars || x.length === 1 ? [low, last ? last.end / 1e6 : high] : [low, high],
          },
          y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.05 : 1] },
        },
        axes: [
          {
            ...axis,
            space: 74,
            values: (_, ticks) => ticks.map((tick, at) => timeTick(tick, ticks[at - 1])),
          },
          {
            ...axis,
            size: 62,
            values: (_, ticks) => ticks.map((tick) => formatMetric(unit, tick)),
          },
        ],
        // The greatest sum is drawn first, so that what is below it stays visible.
        series: [
          {},
          ...series.lines.map((line, at) => ({
            label: line.key ?? "others",
            stroke: single ? palette.accent : (colours[at] ?? palette.muted),
            fill: stacked ? (single ? palette.accent : (colours[at] ?? palette.muted)) : "transparent",
            width: stacked ? 0 : 2,
            points: { show: !stacked && x.length < 3 },
            ...(bars ? { paths: uPlot.paths.bars?.({ size: [0.86, 60], align: 1 }) } : {}),
          })),
        ].map((one, at, all) => (stacked && at > 0 ? (all[all.length - at] ?? one) : one)) as uPlot.Series[],
        hooks: {
          setCursor: [(chart) => setShown(chart.cursor.idx ?? null)],
          setSelect: [
            (chart) => {
              if (chart.select.width < 4) return;
              const from = chart.posToVal(chart.select.left, "x") * 1e6;
              const to = chart.posToVal(chart.select.left + chart.select.width, "x") * 1e6;
              const inside = series.buckets.filter((bucket) => bucket.end > from && bucket.start < to);
              const first = inside[0];
              const end = inside.at(-1);
              chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              if (first && end) choose(first.start, end.end - 1);
            },
          ],
        },
      },
      stacked ? ([data[0], ...data.slice(1).toReversed()] as uPlot.AlignedData) : data,
      place,
    );
    return () => plot.destroy();
  }, [place, width, series, unit, stacked, palette]);

  const bucket = shown === null ? undefined : series.buckets[shown];
  return (
    <figure className={styles.figure} aria-label={label}>
      <div ref={setPlace} className={styles.plot} style={{ height: HEIGHT }} aria-hidden="true" />
      <figcaption className={styles.legend}>
        <Legend series={series} unit={unit} at={bucket ? shown : null} />
        <span className={styles.when}>{bucket ? bucket.key : "all of it"}</span>
      </figcaption>
    </figure>
  );
}

/** A time on the axis; the day stands where it changes, and the year where that does. */
function timeTick(seconds: number, before: number | undefined): string {
  const date = new Date(seconds * 1000);
  const previous = before === undefined ? null : new Date(before * 1000);
  const day = `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;
  const midnight = date.getHours() === 0 && date.getMinutes() === 0;
  const newDay = !previous || previous.toDateString() !== date.toDateString();
  const newYear = !previous || previous.getFullYear() !== date.getFullYear();
  const line = midnight
    ? day
    : `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  const below = newYear ? (midnight ? String(date.getFullYear()) : day) : newDay && !midnight ? day : "";
  return below ? `${line}\n${below}` : line;
}

function Legend({ series, unit, at }: { series: Series; unit: Unit; at: number | null }) {
  const places = colourPlaces(series.lines.map((line) => line.key));
  const single = series.lines.length === 1 && series.lines[0]?.key === null;
  return (
    <ul className={styles.lines}>
      {series.lines.map((line) => {
        const place = places.get(line.key);
        return (
          <li key={line.key ?? ""} className={styles.line}>
            <span
              className={styles.swatch}
              style={{
                background: single
                  ? "var(--accent)"
                  : place === null || place === undefined
                    ? "var(--series-other)"
                    : `var(--series-${place})`,
              }}
            />
            <span className={styles.name}>
              {line.key ?? (series.others > 0 ? plural(series.others, "other") : "all")}
            </span>
            <b>
              {at === null
                ? formatLine(unit, line.total, line.unpriced_calls)
                : formatMetric(unit, line.values[at])}
            </b>
          </li>
        );
      })}
    </ul>
  );
}
