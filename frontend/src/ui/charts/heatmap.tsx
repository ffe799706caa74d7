/** A value for each hour of the week. */

import { useLocation } from "wouter";
import { heatStep } from "../../logic/heat";
import styles from "./heatmap.module.css";

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

interface HeatmapProps {
  rows: readonly (readonly (number | null)[])[];
  format: (value: number | null) => string;
  href: (hourOfWeek: number) => string;
  label: string;
}

export function WeekHeatmap({ rows, format, href, label }: HeatmapProps) {
  const [, navigate] = useLocation();
  const most = Math.max(0, ...rows.flat().map((value) => value ?? 0));
  return (
    <div className={styles.scroller}>
      <table className={styles.heatmap} aria-label={label}>
        <thead>
          <tr>
            <td>
              <span className="visually-hidden">Day</span>
            </td>
            {Array.from({ length: 24 }, (_, hour) => (
              <th key={hour} scope="col" className={styles.hour}>
                {hour % 3 === 0 ? (
                  String(hour).padStart(2, "0")
                ) : (
                  <span className="visually-hidden">{hour}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, day) => (
            <tr key={DAYS[day]}>
              <th scope="row" className={styles.day}>
                {DAYS[day]}
              </th>
              {row.map((value, hour) => {
                const step = heatStep(value, most);
                const at = day * 24 + hour;
                const text = `${DAYS[day]} ${String(hour).padStart(2, "0")}:00–${String((hour + 1) % 24).padStart(2, "0")}:00: ${format(value)}`;
                return (
                  <td key={at} className={styles.cell} data-step={step} title={text}>
                    {value ? (
                      <a
                        href={href(at)}
                        aria-label={text}
                        onClick={(event) => {
                          if (event.ctrlKey || event.metaKey) return;
                          event.preventDefault();
                          navigate(href(at));
                        }}
                      />
                    ) : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
