import { expect, it } from "vitest";
import { exitLines } from "../../src/cli/exit-lines.ts";
import type { ProcessView } from "../../src/observe/ports.ts";
import type { NodeName } from "../../src/schema/ids.ts";

const UP: ProcessView = {
  name: "ledger" as NodeName,
  kind: "ledger",
  state: "up",
  sinceMs: 1,
  pid: 7,
  url: "ws://127.0.0.1:1",
  exit: null,
  restarts: 0,
  logTail: [],
};

it("tells once of each process that ended by itself, with the last line of its log", () => {
  const lines: string[] = [];
  const tell = exitLines((line) => lines.push(line));
  const exit = { code: 74, signal: null };
  tell(UP);
  tell({ ...UP, state: "down", exit });
  expect(lines).toEqual([]);
  const ended = { ...UP, state: "down", exit, logTail: ["first", "TPC_LOG_WRITE: no room"] } as const;
  tell(ended);
  tell({ ...ended });
  expect(lines).toEqual(["ledger ended with exit status 74: TPC_LOG_WRITE: no room"]);
  tell({ ...ended, exit: { ...exit } });
  expect(lines).toHaveLength(2);
});

it("says nothing of kills and orderly ends", () => {
  const lines: string[] = [];
  const tell = exitLines((line) => lines.push(line));
  tell({ ...UP, state: "down", exit: { code: null, signal: "SIGKILL" }, logTail: ["x"] });
  tell({ ...UP, state: "down", exit: { code: 0, signal: null }, logTail: ["x"] });
  expect(lines).toEqual([]);
});
