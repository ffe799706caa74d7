import { expect, test } from "vitest";
import { sessionStanding, wallTime, workStanding } from "./status";

test("a session without an end is idle when nothing has been written for a while", () => {
  expect(sessionStanding({ status: "running", active: true })).toBe("running");
  expect(sessionStanding({ status: "running", active: false })).toBe("idle");
  expect(sessionStanding({ status: "failed", active: false })).toBe("failed");
});

test("work without an end runs only while its session does", () => {
  expect(workStanding({ status: "running" }, true)).toBe("running");
  expect(workStanding({ status: "running" }, false)).toBe("idle");
  expect(workStanding({ status: "cancelled" }, false)).toBe("cancelled");
});

test("wall time goes to the end, or to the last activity", () => {
  expect(wallTime({ started_at: 10, last_at: 30, ended_at: null })).toBe(20);
  expect(wallTime({ started_at: 10, last_at: 30, ended_at: 25 })).toBe(15);
  expect(wallTime({ started_at: null, last_at: 30, ended_at: null })).toBeNull();
  expect(wallTime({ started_at: 40, last_at: 30, ended_at: null })).toBeNull();
});
