// For looking at the screens by hand: `npx tsc -b && npm exec -c 'node test/console/demo.ts SITUATION'`.
import { setTimeout as delay } from "node:timers/promises";
import type { ClusterControl, Operator } from "../../src/observe/ports.ts";
import type { OutcomeMessage } from "../../src/schema/session.ts";
import {
  createStory,
  LEDGER,
  type Story,
  shipOf,
  tellLedgerBack,
  tellLedgerDown,
  tellOrder,
  transactionId,
  transferOf,
} from "./story.ts";

process.env.NODE_ENV = "production";
const { runConsole } = await import(new URL("../../dist/console/run-console.js", import.meta.url).href);

const story = createStory(Date.now() - 60_000);
let counter = 1;
play(process.argv[2] ?? "running");

const operator: Operator = {
  async submit({ requestId }) {
    counter += 1;
    tellOrder(story, counter, "committed");
    await delay(5);
    return {
      type: "outcome",
      requestId,
      transactionId: transactionId(counter),
      outcome: "committed",
      attempts: 1,
      reason: null,
      votes: {},
      results: [],
      durationMs: 31,
    } as unknown as OutcomeMessage;
  },
  armFault: async () => {},
};
const cluster: ClusterControl = {
  processes: story.processes,
  async kill(name) {
    story.process(name, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
    story.push({ type: "disconnected", node: name, why: "connection closed" });
  },
  async restart(name) {
    story.process(name, { state: "starting", pid: 4811 });
    await delay(300);
    story.process(name, { state: "up", pid: 4811, restarts: 1 });
    story.snapshot(name);
  },
};

function play(situation: string): void {
  if (situation === "empty") return;
  if (situation === "failed") return playFailed(story);
  story.begin();
  if (situation === "idle") return;
  for (; counter <= 12; counter += 1) {
    tellOrder(story, counter, counter % 5 === 4 ? "refused" : "committed", [
      shipOf(counter % 5 === 4 ? "BOOK-04" : "LAMP-01", counter % 5 === 4 ? 1 : 2),
      transferOf("alice", "4980"),
    ]);
    story.pass(1700);
  }
  story.pass(30_000);
  counter += 1;
  tellOrder(story, counter, situation === "down" ? "silent" : "committed");
  counter += 1;
  if (situation === "running") tellOrder(story, counter, "preparing");
  if (situation === "down") {
    tellOrder(story, counter, "committing");
    tellLedgerDown(story);
  }
  if (situation === "coordinator-down") {
    tellOrder(story, counter, "silent");
    story.process("coordinator" as typeof LEDGER, {
      state: "down",
      pid: null,
      exit: { code: null, signal: "SIGKILL" },
    });
    story.push({ type: "disconnected", node: "coordinator" as typeof LEDGER, why: "connection closed" });
  }
  if (situation === "back") {
    tellLedgerDown(story);
    tellLedgerBack(story);
  }
}

function playFailed(of: Story): void {
  of.begin();
  of.process(LEDGER, {
    state: "failed",
    exit: { code: 71, signal: null },
    logTail: [
      "ledger starting, data /tmp/demo/ledger",
      "TPC_PORT_TAKEN: 127.0.0.1:7422 is in use; choose another --listen address, or port 0 for any free one",
    ],
  });
}

try {
  const result = await runConsole({
    watcher: story.watcher,
    operator,
    cluster: process.argv[3] === "attached" ? null : cluster,
    clusterName: "demo",
    stdin: process.stdin,
    stdout: process.stdout,
    readOnly: process.argv[3] === "readonly",
    color: !process.env.NO_COLOR,
  });
  process.stdout.write(`left: ${result.reason}\n`);
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 70;
}
process.exit();
