import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runConsole } from "../../src/console/run-console.tsx";
import { openScreen } from "../console/screen.ts";
import { createStory, WAREHOUSE } from "../console/story.ts";
import { dialRaw, hello, nodeName, STORES, until } from "../drivers/wire/rig.ts";
import { type Home, LAUNCHER, makeHome } from "../e2e/program.ts";
import { HOSTILE, type RogueNode, startRogueNode } from "./rogue-node.ts";
import { startTarget } from "./target.ts";

// Goal: a name, a reason or an address that holds terminal commands is refused where it comes in, and shown harmlessly
// where it comes from somebody else: on the screen, in text and JSON on standard output, in errors, and in a node's log.

const TOKEN = "0123456789abcdef0123456789abcdef";
/** What no output for people may hold, beside line ends; the console's own commands are looked at one by one. */
const DANGEROUS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

let home: Home;
let tokenFile: string;
beforeEach(async () => {
  home = await makeHome();
  tokenFile = join(home.dir, "token");
  await writeFile(tokenFile, TOKEN, { mode: 0o600 });
});
afterEach(() => home.remove());

describe("a starting stock or chart of accounts", () => {
  const json = (rows: readonly object[]) => JSON.stringify(rows);
  const account = { id: "cash", name: "Cash", type: "asset" };
  test.each([
    ["warehouse", "--inventory", "evil.csv", `sku,name,onHand\nPEN\u001b[2J,Pen,1\n`],
    ["warehouse", "--inventory", "evil.csv", `sku,name,onHand\nPEN,"\u009b31mPen",1\n`],
    ["warehouse", "--inventory", "evil.json", json([{ sku: "PEN", name: HOSTILE, onHand: 1 }])],
    ["warehouse", "--inventory", "evil.json", json([{ sku: "PEN", name: "Pen", onHand: 1, [HOSTILE]: 1 }])],
    ["ledger", "--accounts", "evil.json", json([{ ...account, id: HOSTILE }])],
    ["ledger", "--accounts", "evil.csv", `id,name,type\ncash,\u202eCash,asset\n`],
  ])("of a %s with terminal commands in it is refused (%s %s)", async (kind, option, file, text) => {
    await writeFile(join(home.dir, file), text);
    const listen = ["--listen", "127.0.0.1:0", "--token-file", tokenFile];
    const { status, stdout, stderr } = await home.run(["participant", kind, ...listen, option, file]);
    expect([status, stdout]).toEqual([65, ""]);
    expect(stderr).toMatch(/^TPC_BAD_INPUT: evil\.(csv|json):? .*\n$/);
    expect(stderr).not.toMatch(DANGEROUS);
  });
});

describe("a node that puts terminal commands into every text", () => {
  let rogue: RogueNode;
  beforeEach(async () => {
    rogue = await startRogueNode(TOKEN);
  });
  afterEach(() => rogue.close());

  const order = JSON.stringify({ operations: [{ participant: "warehouse", op: "read", sku: HOSTILE }] });
  test.each([["status"], ["inventory"], ["tx list"], ["tx show ID"], ["submit -"]])(
    "is asked by %s",
    async (line) => {
      const words = line.split(" ").map((word) => (word === "ID" ? rogue.transactionId : word));
      const to = ["--to", rogue.url, "--token-file", tokenFile];
      for (const json of line.startsWith("submit") ? [[]] : [[], ["--json"]]) {
        const { stdout, stderr } = await home.run([...words, ...json, ...to], { input: order });
        expect(stdout).toContain("owned");
        expect(stdout).not.toMatch(DANGEROUS);
        expect(stderr).toBe("");
        // The reader of JSON gets what was sent.
        if (json.length > 0 || line.startsWith("submit")) {
          expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(HOSTILE));
        }
      }
    },
  );

  test("is watched on the screen", async () => {
    const env: Record<string, string | undefined> = { ...process.env, XDG_STATE_HOME: home.dir };
    delete env.CI;
    const coordinator = await startRogueNode(TOKEN, "coordinator");
    const args = ["attach", coordinator.url, "--token-file", tokenFile];
    const pty = spawn(process.execPath, [LAUNCHER, ...args], { cols: 160, rows: 50, cwd: home.dir, env });
    try {
      const output = listen(pty);
      await expect.poll(output, { timeout: 10_000 }).toContain("owned");
      // Every screen, and the detail of the one transaction.
      for (const key of ["3", "4", "5", "6", "2", "\r"]) {
        const seen = output().length;
        pty.write(key);
        await expect
          .poll(() => output().length, { timeout: 5_000, message: `after ${JSON.stringify(key)}` })
          .toBeGreaterThan(seen);
      }
      expect(output()).not.toMatch(/\u001b\][08]|\u0007|\u001b\[6n|\u009b|\u202e|\u2028|\u{e0041}/u);
      expect(output()).not.toContain("gnp\u{e0041}");
    } finally {
      pty.kill("SIGKILL");
      coordinator.close();
    }
  });
});

test("a participant's reasons and address stay harmless in the log, the listing and the outcome", async () => {
  const target = await startTarget();
  try {
    const { url } = target.nodes.coordinator;
    const peer = await dialRaw(url);
    const node = { name: nodeName("evil"), storeId: STORES.b, nodeId: `evil-${STORES.b}`, url: HOSTILE };
    peer.socket.on("ping", (payload) => peer.socket.pong(payload));
    peer.say(hello(node as never, { token: target.token }));
    await until(() => peer.received.length > 0, "the greeting");
    peer.socket.on("message", (data) => {
      for (const message of JSON.parse(String(data))) {
        if (message.type !== "prepare") continue;
        const reason = { participant: "evil", code: "invalid-operation", message: HOSTILE, retryable: false };
        const vote = { type: "vote", transactionId: message.transactionId, from: "evil", results: [] };
        const answer = message.onePhase ? { ...vote, type: "decided", outcome: "aborted", reason } : vote;
        peer.say(message.onePhase ? answer : { ...vote, vote: "no", reason, preparedAt: null });
      }
    });
    const operations = [{ participant: "evil", op: "read", text: HOSTILE }];
    const to = ["--to", url];
    const input = JSON.stringify({ operations });
    const runs = [
      await target.home.run(["submit", "-", ...to], { input }),
      await target.home.run(["tx", "list", ...to]),
      await target.home.run(["status", ...to]),
    ];
    for (const { stdout, stderr } of runs) {
      expect(stdout).toContain("owned");
      expect(stdout + stderr).not.toMatch(DANGEROUS);
    }
    peer.say({ type: HOSTILE });
    await peer.closed;
    target.nodes.coordinator.child.kill("SIGTERM");
    const { stderr } = await target.nodes.coordinator.ended;
    expect(stderr).toContain("owned");
    expect(stderr).not.toMatch(DANGEROUS);
  } finally {
    await target.remove();
  }
});

test("what the console cannot draw ends it, and is not printed as it came", async () => {
  const story = createStory();
  const screen = openScreen(120, 30);
  story.begin();
  const item = { sku: "PEN", name: "Pen", onHand: HOSTILE, reserved: "0", available: "1" };
  const left = runConsole({
    watcher: story.watcher,
    operator: { submit: () => Promise.reject(), armFault: () => Promise.reject() } as never,
    cluster: null,
    clusterName: "demo",
    stdin: screen.stdin,
    stdout: screen.stdout,
    readOnly: true,
    userName: "ann",
    tokenFile: null,
    inTmux: false,
    colors: "256",
    theme: "dark",
    nowMs: story.nowMs,
  });
  await screen.untilText("warehouse");
  const written: string[] = [];
  const write = screen.stdout.write.bind(screen.stdout) as (...given: unknown[]) => boolean;
  Object.assign(screen.stdout, {
    write: (...given: unknown[]) => {
      written.push(String(given[0]));
      return write(...given);
    },
  });
  story.tell(WAREHOUSE, null, { type: "rows-changed", rows: { kind: "warehouse", items: [item] } });
  await expect(left).rejects.toMatchObject({ code: "TPC_INTERNAL" });
  expect(written.join("")).not.toContain("evil.example");
});

function listen(pty: IPty): () => string {
  let output = "";
  pty.onData((chunk) => {
    output += chunk;
  });
  return () => output;
}
