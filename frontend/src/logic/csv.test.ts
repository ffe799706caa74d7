import { expect, it } from "vitest";
import { isoTime, toCsv } from "./csv";

it("quotes what would be read otherwise", () => {
  expect(
    toCsv(
      ["a", 'b"c'],
      [
        ["x,y", 1.5],
        [null, "two\nlines"],
      ],
    ),
  ).toBe('a,"b""c"\r\n"x,y",1.5\r\n,"two\nlines"');
});

it("keeps a spreadsheet from computing what it is given", () => {
  expect(toCsv(["n"], [["=1+1"], ["-x"], [-1]])).toBe("n\r\n'=1+1\r\n'-x\r\n-1");
});

it("writes instants in UTC", () => {
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(isoTime(null)).toBeNull();
});
