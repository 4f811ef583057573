import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Home, makeHome, type Started, type StartOptions } from "./program.ts";

const ORDER = JSON.stringify({
  requestId: "order-1",
  operations: [
    { participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 2 },
    { participant: "ledger", op: "transfer", debit: "customer-ada", credit: "revenue", amount: "7200" },
  ],
});

function order(operations: readonly object[], requestId?: string): string {
  return JSON.stringify({ operations, ...(requestId === undefined ? {} : { requestId }) });
}

describe("nodes started by hand", () => {
  let home: Home;
  let to: readonly string[];
  let coordinator: Started & { url: string };
  let ledger: Started & { url: string };

  beforeAll(async () => {
    home = await makeHome();
    coordinator = await home.node(["coordinator", "--listen", "127.0.0.1:0"]);
    to = ["--to", coordinator.url];
    const join = ["--listen", "127.0.0.1:0", "--coordinator", coordinator.url];
    await home.node(["participant", "warehouse", ...join]);
    ledger = await home.node(["participant", "ledger", ...join]);
    const { url } = coordinator;
    await vi.waitFor(async () => {
      const { nodes } = JSON.parse((await home.run(["status", "--json", "--to", url])).stdout);
      if (nodes.length < 3) throw new Error(`${nodes.length} nodes`);
    }, 10_000);
  });
  afterAll(() => home.remove());

  async function onHand(sku: string): Promise<number> {
    const items = JSON.parse((await home.run(["inventory", "--json", ...to])).stdout);
    return items.find((item: { sku: string }) => item.sku === sku).onHand;
  }

  it("commit an order, once, and say so with exactly these fields", async () => {
    const before = await onHand("PEN-01");
    const first = await home.run(["submit", "-", ...to], { input: ORDER });
    expect([first.status, first.stderr]).toEqual([0, ""]);
    const outcome = JSON.parse(first.stdout);
    expect(Object.keys(outcome)).toEqual([
      "transactionId",
      "requestId",
      "outcome",
      "attempts",
      "reason",
      "votes",
      "results",
      "durationMs",
    ]);
    expect(outcome).toMatchObject({
      requestId: "order-1",
      outcome: "committed",
      attempts: 1,
      reason: null,
      votes: { warehouse: "yes", ledger: "yes" },
    });
    const again = await home.run(["submit", "-", "--to", ledger.url], { input: ORDER });
    expect(JSON.parse(again.stdout)).toMatchObject({
      outcome: "committed",
      transactionId: outcome.transactionId,
    });
    expect(await onHand("PEN-01")).toBe(before - 2);
  });

  it("read for a client, one order a line, from any node", async () => {
    const read = (sku: string) => order([{ participant: "warehouse", op: "read", sku }]);
    const input = `${read("INK-01")}\n${read("PEN-01")}\n`;
    const ended = await home.run(["submit", "-", "--to", ledger.url.replace("ws://", "")], { input });
    expect(ended.status).toBe(0);
    const lines = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ results }) => results[0].sku)).toEqual(["INK-01", "PEN-01"]);
  });

  it.each([
    ["an unknown SKU", { participant: "warehouse", op: "ship", sku: "NOPE", quantity: 1 }, "unknown-item"],
    [
      "too much",
      { participant: "warehouse", op: "ship", sku: "CLOCK-01", quantity: 999 },
      "insufficient-stock",
    ],
    ["an unknown operation", { participant: "warehouse", op: "paint", sku: "INK-01" }, "invalid-operation"],
    [
      "an unknown account",
      { participant: "ledger", op: "transfer", debit: "nobody", credit: "revenue", amount: "1" },
      "unknown-account",
    ],
    [
      "too little money",
      { participant: "ledger", op: "transfer", debit: "customer-cleo", credit: "revenue", amount: "901" },
      "insufficient-funds",
    ],
    ["an unknown participant", { participant: "nobody", op: "read" }, "unknown-participant"],
  ])("abort %s, and say why", async (_, operation, code) => {
    const ended = await home.run(["submit", "-", ...to], { input: order([operation]) });
    expect([ended.status, ended.stderr]).toEqual([1, ""]);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      outcome: "aborted",
      reason: { participant: operation.participant, code, retryable: false },
    });
  });

  it("are listed with their transactions", async () => {
    const status = JSON.parse((await home.run(["status", "--json", "--to", ledger.url])).stdout);
    expect(status.nodes.map((node: { name: string; up: boolean }) => [node.name, node.up])).toEqual(
      expect.arrayContaining([
        ["ledger", true],
        ["coordinator", true],
        ["warehouse", true],
      ]),
    );
    expect(status.unfinished).toEqual([]);
    const list = JSON.parse((await home.run(["tx", "list", "--json", ...to])).stdout);
    const id = list.at(-1).transactionId;
    const shown = JSON.parse((await home.run(["tx", "show", id, "--json", "--to", ledger.url])).stdout);
    expect(Object.keys(shown.nodes).sort()).toEqual(["coordinator", "ledger", "warehouse"]);
    expect(shown.why).toBeNull();
    expect((await home.run(["tx", "show", id, ...to])).stdout).toContain("2 records, 1 forced, 4 messages");
    expect((await home.run(["tx", "list", ...to])).stdout).toContain(id);
    const accounts = JSON.parse((await home.run(["ledger", "--json", ...to])).stdout);
    expect(accounts[0]).toMatchObject({ id: "cash", debitsPosted: "2500000" });
    expect((await home.run(["inventory", ...to])).stdout).toContain("PENCIL-01");
  });

  it("keep what they had after a SIGKILL and a restart", async () => {
    const before = await home.run(["ledger", "--json", ...to]);
    ledger.child.kill("SIGKILL");
    await ledger.ended;
    const down = JSON.parse((await home.run(["status", "--json", ...to])).stdout);
    expect(down.nodes.find((node: { name: string }) => node.name === "ledger")).toMatchObject({
      up: false,
      view: null,
    });
    const unanswered = await home.run(["submit", "-", "--timeout-ms", "400", ...to], {
      input: order([{ participant: "ledger", op: "read", account: "cash" }]),
    });
    expect([1, 2]).toContain(unanswered.status);
    ledger = await home.node([
      "participant",
      "ledger",
      "--listen",
      new URL(ledger.url).host,
      "--coordinator",
      coordinator.url,
    ]);
    await expect
      .poll(async () => (await home.run(["ledger", "--json", ...to])).stdout, { timeout: 10_000 })
      .toBe(before.stdout);
    expect((await home.run(["log", "verify", join(home.dir, "2pc-console", "ledger")])).status).toBe(0);
  });
});

describe("bad input ends with one line that names it", () => {
  let home: Home;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(() => home.remove());

  async function refused(
    args: readonly string[],
    options: StartOptions = {},
  ): Promise<{ status: number | null; line: string }> {
    const { status, stdout, stderr } = await home.run(args, options);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^TPC_[A-Z_]+: [^\n]+; [^\n]+\n$/);
    return { status, line: stderr };
  }

  it.each([
    [["nope"], /there is no command "nope"/],
    [["run", "--nope"], /unknown option '--nope'/],
    [["run", "nope"], /there is no scenario "nope"/],
    [["run", "--json", "--jsonl"], /cannot be used with/],
    [["participant"], /there are warehouse, ledger/],
    [["participant", "bank"], /there is no command "bank"/],
    [["tx", "show", "7"], /not a transaction id/],
    [["coordinator", "warehouse"], /too many arguments for 'coordinator'/],
    [["--data", "somewhere", "run"], /--data stands before run/],
    [["--fresh", "status"], /--fresh stands before status/],
    [["submit"], /needs a FILE/],
    [["submit", "-", "--timeout-ms", "0"], /milliseconds/],
    [["status", "--to", "ftp://x"], /is invalid: it should look like ws:\/\/127\.0\.0\.1:7420/],
    [["coordinator", "--listen", "nowhere"], /HOST:PORT/],
    [["coordinator", "--name", "No Name"], /not a node's name/],
    [["run", "participant-crash", "--attach", "127.0.0.1:1"], /cannot run with --attach/],
    [[], /2pc-console run/],
    [["attach", "127.0.0.1:1"], /needs a terminal/],
  ])("usage: %j", async (args, message) => {
    const { status, line } = await refused(args);
    expect(line).toMatch(message);
    expect(status).toBe(64);
  });

  it("a missing, a malformed and an empty order file", async () => {
    expect(await refused(["submit", "missing.json"])).toMatchObject({ status: 66, line: /missing\.json/ });
    await writeFile(join(home.dir, "bad.json"), '{"operations": [}');
    const malformed = await refused(["submit", "bad.json"]);
    expect(malformed.status).toBe(65);
    expect(malformed.line).toContain("bad.json:1");
    const negative = order([{ participant: "warehouse", op: "ship", sku: "INK-01", quantity: -1 }]);
    const second = await refused(["submit", "-"], { input: `${ORDER}\n${negative}\n` });
    expect([second.status, second.line]).toEqual([
      65,
      expect.stringContaining("standard input:2: /operations/0 ship: quantity is -1"),
    ]);
    expect((await refused(["submit", "-"])).status).toBe(65);
    expect((await refused(["submit", home.dir])).status).toBe(66);
  });

  it("a node that nobody runs, and no token to ask it with", async () => {
    for (const command of [["status"], ["submit", "-"]]) {
      const nobody = await refused([...command, "--to", "127.0.0.1:1"], { input: ORDER });
      expect([nobody.status, nobody.line]).toEqual([69, expect.stringContaining("TPC_UNREACHABLE")]);
    }
    const { url } = await home.node(["coordinator", "--listen", "127.0.0.1:0", "--data", "mine"]);
    const tokenless = await refused(["status", "--to", url]);
    expect([tokenless.status, tokenless.line]).toEqual([77, expect.stringContaining("no token at")]);
    expect((await home.run(["status", "--to", url, "--token-file", "mine/token"])).status).toBe(0);
    await writeFile(join(home.dir, "token"), "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
    const unreachable = await refused(["submit", "-", "--token-file", "token", "--to", "127.0.0.1:1"], {
      input: ORDER,
    });
    expect([unreachable.status, unreachable.line]).toEqual([69, expect.stringContaining("127.0.0.1:1")]);
  });

  it("another cluster's token, and a token that others can read", async () => {
    const { url } = await home.node(["coordinator", "--listen", "127.0.0.1:0"]);
    const token = join(home.dir, "other-token");
    await writeFile(token, "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
    expect((await refused(["status", "--to", url, "--token-file", token])).status).toBe(77);
    await chmod(token, 0o644);
    const readable = await refused(["status", "--to", url, "--token-file", token]);
    expect([readable.status, readable.line]).toEqual([78, expect.stringContaining("chmod 600")]);
  });

  it("a port that is taken, and a directory that is", async () => {
    const first = await home.node(["coordinator", "--listen", "127.0.0.1:0"]);
    const host = new URL(first.url).host;
    const taken = await refused(["coordinator", "--listen", host, "--data", "other"]);
    expect([taken.status, taken.line]).toEqual([71, expect.stringContaining(host)]);
    const kept = await refused(["coordinator", "--listen", host, "--data", "third", "--supervised"]);
    expect([kept.status, kept.line]).toEqual([71, expect.stringMatching(/TPC_PORT_LOST.*end that process/)]);
    const locked = await home.run(["coordinator", "--listen", "127.0.0.1:0"]);
    expect([locked.status, locked.stderr]).toEqual([75, expect.stringContaining(`process ${first.pid}`)]);
  });

  it("a directory that is a file, another node's, or somebody else's", async () => {
    await writeFile(join(home.dir, "file"), "");
    expect((await refused(["coordinator", "--listen", "127.0.0.1:0", "--data", "file"])).status).toBe(73);
    const node = await home.node(["coordinator", "--listen", "127.0.0.1:0", "--data", "mine"]);
    node.child.kill("SIGTERM");
    await node.ended;
    const other = await refused(["participant", "ledger", "--listen", "127.0.0.1:0", "--data", "mine"]);
    expect(other.status).toBe(73);
    await mkdir(join(home.dir, "foreign"));
    await writeFile(join(home.dir, "foreign", "thesis.tex"), "years of work");
    const foreign = await refused(["coordinator", "--listen", "127.0.0.1:0", "--data", "foreign"]);
    expect(foreign.status).toBe(73);
    expect(await readFile(join(home.dir, "foreign", "thesis.tex"), "utf8")).toBe("years of work");
    for (const taken of ["foreign", "mine"]) {
      expect((await refused(["run", "--data", taken])).status).toBe(73);
    }
    expect((await refused(["log", "verify", "foreign"])).status).toBe(73);
    expect((await refused(["log", "inspect", "nowhere"])).status).toBe(66);
  });

  it("starting stock that is missing or malformed", async () => {
    const start = ["participant", "warehouse", "--listen", "127.0.0.1:0", "--data", "stock", "--inventory"];
    expect((await refused([...start, "missing.csv"])).status).toBe(66);
    await writeFile(join(home.dir, "stock.csv"), "sku,name,onHand\nPEN,Pen,many\n");
    const malformed = await refused([...start, "stock.csv"]);
    expect([malformed.status, malformed.line]).toEqual([65, expect.stringContaining("stock.csv")]);
    await writeFile(join(home.dir, "stock.csv"), "sku,name,onHand\nPEN,Pen,12\n");
    await home.node([...start, "stock.csv"]);
  });

  it("a process that may open next to nothing", async () => {
    const within = ["sh", "-c", 'ulimit -n 60; exec "$0" "$@"'];
    const { status, line } = await refused(["coordinator", "--listen", "127.0.0.1:0"], { within });
    const message = "this process may open 60 files, and a node takes at least 96 (ulimit -n)";
    expect([status, line]).toEqual([78, expect.stringContaining(message)]);
  });

  it("a server that is no node", async () => {
    const server = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await writeFile(join(home.dir, "token"), "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
    const { status } = await refused(["status", "--to", `127.0.0.1:${port}`, "--token-file", "token"]);
    server.close();
    expect(status).toBe(76);
  });

  it("a report that cannot be written, before anything is started", async () => {
    const { status, line } = await refused(["run", "--junit", "nowhere/j.xml"]);
    expect([status, line]).toEqual([73, expect.stringContaining("nowhere/j.xml")]);
  });
});
