import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, makeHome, nodePids, survivors } from "./program.ts";

const closed = { additionalProperties: false };
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const counts = {
  recordsAppended: Type.Integer({ minimum: 0 }),
  recordsForced: Type.Integer({ minimum: 0 }),
  messagesSent: Type.Integer({ minimum: 0 }),
};
/** A participant that has restarted since may have forgotten what it had counted. */
const ownCounts = {
  recordsAppended: nullable(counts.recordsAppended),
  recordsForced: nullable(counts.recordsForced),
  messagesSent: nullable(counts.messagesSent),
};
/** The document of a run, written down a second time: programs read it. */
const Document = Type.Object(
  {
    ok: Type.Boolean(),
    scenarios: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          ok: Type.Boolean(),
          expectations: Type.Array(
            Type.Object({ text: Type.String(), ok: Type.Boolean(), detail: Type.String() }, closed),
          ),
          transactions: Type.Array(
            Type.Object(
              {
                transactionId: Type.String(),
                requestId: Type.String(),
                outcome: Type.Union([
                  Type.Literal("committed"),
                  Type.Literal("aborted"),
                  Type.Literal("unknown"),
                ]),
                reason: nullable(
                  Type.Object(
                    {
                      participant: nullable(Type.String()),
                      code: Type.String(),
                      message: Type.String(),
                      retryable: Type.Boolean(),
                    },
                    closed,
                  ),
                ),
                attempts: Type.Integer({ minimum: 1 }),
                durationMs: Type.Number({ minimum: 0 }),
                results: Type.Array(Type.Record(Type.String(), Type.Unknown())),
                coordinator: Type.Object({ id: Type.String(), ...counts }, closed),
                participants: Type.Record(
                  Type.String(),
                  Type.Object(
                    { vote: nullable(Type.String()), outcome: nullable(Type.String()), ...ownCounts },
                    closed,
                  ),
                ),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
const checker = Compile(Document);

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

function documentOf(stdout: string): Type.Static<typeof Document> {
  const value: unknown = JSON.parse(stdout);
  expect(checker.Errors(value)).toEqual([]);
  if (!checker.Check(value)) throw new Error("not the document of a run");
  return value;
}

describe("a headless run", () => {
  it("plays orders and prints exactly one document, with what the nodes counted", async () => {
    const ended = await home.run(["run", "--json"]);
    expect(ended.stderr).toContain("order: ok");
    expect(ended.status).toBe(0);
    const report = documentOf(ended.stdout);
    expect(report.ok).toBe(true);
    const [first] = report.scenarios[0]?.transactions ?? [];
    expect(first).toMatchObject({
      outcome: "committed",
      attempts: 1,
      coordinator: { recordsAppended: 2, recordsForced: 1, messagesSent: 4 },
      participants: {
        warehouse: {
          vote: "yes",
          outcome: "committed",
          recordsAppended: 2,
          recordsForced: 2,
          messagesSent: 2,
        },
        ledger: { vote: "yes", outcome: "committed", recordsAppended: 2, recordsForced: 2, messagesSent: 2 },
      },
    });
    const refusals = report.scenarios[0]?.transactions.flatMap(({ reason }) => reason?.code ?? []);
    expect(refusals).toEqual(["insufficient-stock", "insufficient-funds"]);
  });

  it("plays crashes, refusals, retries and duplicates, and every expectation holds", {
    timeout: 60_000,
  }, async () => {
    const names = [
      "busy",
      "participant-crash",
      "coordinator-crash",
      "no-vote",
      "retry",
      "duplicate",
      "anywhere",
    ];
    const ended = await home.run(["run", ...names, "--json"]);
    const report = documentOf(ended.stdout);
    const failed = report.scenarios.flatMap(({ name, expectations }) =>
      expectations.filter(({ ok }) => !ok).map(({ text, detail }) => `${name}: ${text}: ${detail}`),
    );
    expect(failed).toEqual([]);
    expect(ended.status).toBe(0);
    expect(report.scenarios.map(({ name }) => name)).toEqual(names);
    // Whoever has crashed meanwhile.
    const committed = report.scenarios
      .flatMap(({ transactions }) => transactions)
      .filter(({ outcome }) => outcome === "committed");
    expect(committed.length).toBeGreaterThan(5);
    const ends = committed.flatMap(({ participants }) => Object.values(participants));
    expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(["committed"]));
  });

  it("tells events as they come, and writes JUnit and trace files", async () => {
    const ended = await home.run(["run", "no-vote", "--jsonl", "--junit", "j.xml", "--trace", "t.jsonl"]);
    expect(ended.status).toBe(0);
    const types = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    const told = types.filter((type) => type !== "node-event" && type !== "expectation-checked");
    const order = ["scenario-started", "step", "transaction-answered", "scenario-ended", "run-ended"];
    expect(told).toEqual(order);
    expect(types.indexOf("node-event")).toBeLessThan(types.indexOf("run-ended"));
    expect(await readFile(join(home.dir, "j.xml"), "utf8")).toContain('<testsuite name="no-vote"');
    const [header, ...events] = (await readFile(join(home.dir, "t.jsonl"), "utf8")).trimEnd().split("\n");
    expect(JSON.parse(header ?? "")).toMatchObject({ type: "trace", version: 2 });
    const sent = events
      .map((line) => JSON.parse(line))
      .filter((line) => line.event?.body.type === "message-sent");
    expect(new Set(sent.map(({ event }) => event.body.message))).toEqual(
      new Set(["prepare", "vote", "abort"]),
    );
    const checked = await home.run(["check", "t.jsonl"]);
    expect(checked).toMatchObject({ status: 0, stderr: "" });
  });

  it("keeps a directory a node with --data, and goes on from there", async () => {
    const first = await home.run(["run", "--data", "kept"]);
    const second = await home.run(["run", "--data", "kept"]);
    expect([first.status, second.status]).toEqual([0, 0]);
    expect(await readdir(join(home.dir, "kept"))).toEqual([
      "coordinator",
      "ledger",
      "logs",
      "token",
      "warehouse",
    ]);
    expect(await readFile(join(home.dir, "kept", "logs", "warehouse.log"), "utf8")).toContain("run 2 at");
  });

  it("says how a failed expectation failed, and ends with 1", async () => {
    const coordinator = await home.node(["coordinator", "--listen", "127.0.0.1:0"]);
    const join = ["--listen", "127.0.0.1:0", "--coordinator", coordinator.url];
    await home.node(["participant", "warehouse", ...join]);
    await home.node(["participant", "ledger", ...join]);
    const allowed = await home.run(["run", "order", "--attach", coordinator.url]);
    expect([allowed.status, allowed.stderr]).toEqual([0, ""]);
    const refused = await home.run(["run", "no-vote", "--attach", coordinator.url]);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(/FAILED no-vote: the scenario runs to its end \(TPC_FORBIDDEN/);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)("leaves no process behind after %s", async (signal) => {
    const running = home.start(["run", "retry", "busy", "retry", "--data", "state"]);
    const dir = join(home.dir, "state");
    await expect.poll(() => nodePids(dir), { timeout: 10_000 }).toHaveLength(3);
    const pids = await nodePids(dir);
    expect(await survivors(pids)).toEqual(pids);
    running.child.kill(signal);
    const ended = await running.ended;
    expect([ended.status, ended.signal]).toEqual(signal === "SIGTERM" ? [143, null] : [null, "SIGKILL"]);
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
  });

  it("removes its temporary directory, also when nobody reads on", async () => {
    const before = await readdir(home.dir);
    const running = home.start(["run", "busy"]);
    await running.line((line) => line.startsWith("busy"));
    running.child.stdout?.destroy();
    const ended = await running.ended;
    expect(ended.stderr).toBe("");
    const left = (await readdir(home.dir)).filter((name) => name.startsWith("2pc-console-"));
    expect([before, left]).toEqual([[], []]);
  });
});
