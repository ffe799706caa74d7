/** An error's message, and where in a program it came from. */

export interface ErrorText {
  message: string;
  /** The calls that led to it; empty: none told. */
  stack: string;
}

const FRAME = /^\s+at .+[:)]|^\s*File ".+", line \d+|^\s+\d+: .+::|^goroutine \d+|^\s+\S+\.go:\d+/;

export function errorText(text: string): ErrorText {
  const lines = text.replace(/^<tool_use_error>|<\/tool_use_error>$/g, "").split("\n");
  const trace = lines.findIndex((line) => line.startsWith("Traceback (most recent call last)"));
  if (trace !== -1) {
    // Python tells the calls first and what happened last.
    let end = trace + 1;
    while (end < lines.length && (/^\s/.test(lines[end] ?? "") || lines[end] === "")) end += 1;
    const message = [...lines.slice(0, trace), ...lines.slice(end)].join("\n").trim();
    if (message) return { message, stack: lines.slice(trace, end).join("\n") };
  }
  const first = lines.findIndex((line) => FRAME.test(line));
  if (first < 1) return { message: lines.join("\n").trim(), stack: "" };
  return { message: lines.slice(0, first).join("\n").trim(), stack: lines.slice(first).join("\n") };
}
