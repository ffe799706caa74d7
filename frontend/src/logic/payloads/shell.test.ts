import { describe, expect, test } from "vitest";
import { readCall, readResult } from "./shell";

describe("a command", () => {
  test.each([
    ['{"command":"make","description":"Build"}', "make"],
    ['{"cmd":"pwd","workdir":"/home/dev/project"}', "pwd"],
    ['{"command":["bash","-lc","make test"]}', "make test"],
    ['{"command":["ls","-l"]}', "ls -l"],
    ["make lint", "make lint"],
    ['{"command":"echo a very long o', "echo a very long o"],
  ])("%s", (input, command) => {
    expect(readCall(input).command).toBe(command);
  });

  test("tells where it ran and what for", () => {
    const call = readCall('{"cmd":"pwd","workdir":"/home/dev","description":"Where?"}');
    expect(call).toMatchObject({ cwd: "/home/dev", description: "Where?" });
  });

  test("may be typed into one that runs", () => {
    expect(readCall('{"session_id":7,"chars":"q\\n"}')).toMatchObject({ command: undefined, typed: "q\n" });
  });
});

describe("what came of it", () => {
  test("Claude Code writes the exit code first", () => {
    expect(readResult("Exit code 2\nno rule", null)).toMatchObject({ exit: 2, output: "no rule" });
  });

  test("Codex writes it among other lines", () => {
    const text =
      "Command: /bin/zsh -lc pwd\nChunk ID: 8c7c\nWall time: 0.5 seconds\nProcess exited with code 0\n" +
      "Original token count: 10\nOutput:\n/home/dev\nExit code: 9 is its own\n";
    expect(readResult(text, null)).toEqual({
      exit: 0,
      output: "/home/dev\nExit code: 9 is its own\n",
      errors: "",
      notes: [["Wall time", "0.5 seconds"]],
    });
  });

  test("a command that goes on in the background says so", () => {
    const text = "Wall time: 5 seconds\nProcess running with session ID 49\nOutput:\nstarting\n";
    expect(readResult(text, null)).toMatchObject({
      exit: undefined,
      notes: [
        ["Wall time", "5 seconds"],
        ["Process running with session ID", "49"],
      ],
    });
  });

  test("older Codex wraps it in JSON", () => {
    const text = '{"output":"a.txt\\n","metadata":{"exit_code":1,"duration_seconds":0.2}}';
    expect(readResult(text, null)).toMatchObject({ exit: 1, output: "a.txt\n" });
  });

  test("pi and Copilot write it last", () => {
    expect(readResult("oh\n\nCommand exited with code 3", null)).toMatchObject({ exit: 3, output: "oh" });
    expect(readResult("oh\n<shell exited with exit code 4>", null)).toMatchObject({ exit: 4, output: "oh" });
  });

  test("Gemini parts output from errors", () => {
    const text =
      "Command: make\nDirectory: (root)\nStdout: built\nStderr: careful\nmind\nExit Code: 0\nSignal: (none)";
    expect(readResult(text, null)).toMatchObject({ output: "built", errors: "careful\nmind", exit: 0 });
  });

  test("a background shell is told in tags", () => {
    const text = "<status>running</status>\n\n<stdout>\nready\n</stdout>\n";
    expect(readResult(text, null)).toMatchObject({ output: "ready", notes: [["Status", "running"]] });
  });

  test("else it is what the op tells, or not known", () => {
    expect(readResult("plain", "exit code 5")).toMatchObject({ exit: 5, output: "plain" });
    expect(readResult("plain", null).exit).toBeUndefined();
  });
});
