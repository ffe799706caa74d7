import type { Home } from "../../api/types";
import { dayHref } from "../../logic/home";
import { colourOf, colourPlaces } from "../../logic/series-colours";
import { modelName } from "../../logic/session-names";
import { formatClock } from "../../logic/time";
import { formatCost } from "../../logic/units";
import styles from "./home.module.css";
import { Section } from "./section";

const WIDTH = 480;
const HEIGHT = 150;
const AXIS = 16;

/** A day's cost by hour, stacked by model. */
export function Spend({ home, chosen }: { home: Home; chosen: boolean }) {
  const { buckets, lines } = home.spend;
  const places = colourPlaces(lines.map((line) => line.key));
  const totals = buckets.map((_, hour) => lines.reduce((sum, line) => sum + (line.values[hour] ?? 0), 0));
  const most = Math.max(...totals, 0);
  // The whole day has its place, also the hours to come.
  const hours = Math.max(24, buckets.length);
  const step = WIDTH / hours;
  return (
    <Section
      title={chosen ? "Spent by hour" : "Spent today, by hour"}
      href={dayHref("/analytics", home.day)}
      all="Analytics"
    >
      {most === 0 ? (
        <p className={styles.empty}>
          {home.today.unpriced_calls > 0 ? "No call of the day has a known price." : "Nothing was spent."}
        </p>
      ) : (
        <>
          <svg className={styles.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
            <line x1="0" x2={WIDTH} y1={HEIGHT - AXIS} y2={HEIGHT - AXIS} stroke="var(--hairline)" />
            <text className={styles.tick} x="2" y="9">
              {formatCost(most)}
            </text>
            {buckets.map((bucket, hour) => {
              let top = HEIGHT - AXIS;
              return (
                <g key={bucket.start}>
                  <title>{`${formatClock(bucket.start).slice(0, 5)}: ${formatCost(totals[hour] ?? 0)}`}</title>
                  <rect x={hour * step} width={step} height={HEIGHT - AXIS} fill="transparent" />
                  {lines.map((line) => {
                    const height = ((line.values[hour] ?? 0) / most) * (HEIGHT - AXIS - 14);
                    top -= height;
                    return height > 0 ? (
                      <rect
                        key={line.key}
                        x={hour * step + 1.5}
                        y={top}
                        width={step - 3}
                        height={height}
                        fill={colourOf(places.get(line.key))}
                      />
                    ) : null;
                  })}
                  {hour % 6 === 0 ? (
                    <text className={styles.tick} x={hour * step} y={HEIGHT - 3}>
                      {formatClock(bucket.start).slice(0, 5)}
                    </text>
                  ) : null}
                </g>
              );
            })}
          </svg>
          <ul className={styles.legend}>
            {lines
              .filter((line) => (line.total ?? 0) > 0)
              .map((line) => (
                <li key={line.key}>
                  <span className={styles.swatch} style={{ background: colourOf(places.get(line.key)) }} />
                  {line.key === null ? "others" : modelName(line.key)} {formatCost(line.total ?? 0)}
                </li>
              ))}
          </ul>
          <table className="visually-hidden">
            <caption>Cost by hour</caption>
            <tbody>
              {buckets.map((bucket, hour) => (
                <tr key={bucket.start}>
                  <th scope="row">{formatClock(bucket.start).slice(0, 5)}</th>
                  <td>{formatCost(totals[hour] ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Section>
  );
}
