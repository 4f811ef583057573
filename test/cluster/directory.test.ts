import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimDirectory, findHolder } from "../../src/cluster/directory.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "tpc-claim-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("claiming a cluster directory", () => {
  it("tells a second claimant who holds it and where to attach", async () => {
    const claim = await claimDirectory(dir);
    if (claim.held) throw new Error("a new directory is held");
    await claim.announce("ws://127.0.0.1:7420");
    const second = await claimDirectory(dir);
    expect(second).toMatchObject({ held: true, holder: { pid: process.pid, url: "ws://127.0.0.1:7420" } });
    await claim.release();
    expect(await findHolder(dir)).toBeNull();
    expect((await claimDirectory(dir)).held).toBe(false);
  });

  it("takes over from a holder that is gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.once("exit", resolve));
    await writeFile(
      join(dir, "cluster.json"),
      JSON.stringify({ pid: child.pid, processMark: null, url: null }),
    );
    expect((await claimDirectory(dir)).held).toBe(false);
    expect(JSON.parse(await readFile(join(dir, "cluster.json"), "utf8")).pid).toBe(process.pid);
  });

  it("does not take another process with the same pid for the holder", async () => {
    const stale = { pid: process.pid, processMark: "another-boot:1", url: null };
    await writeFile(join(dir, "cluster.json"), JSON.stringify(stale));
    expect((await claimDirectory(dir)).held).toBe(process.platform !== "linux");
  });

  it("names a path that cannot be a directory", async () => {
    await writeFile(join(dir, "file"), "");
    await expect(claimDirectory(join(dir, "file"))).rejects.toMatchObject({ code: "TPC_DATA_DIR" });
  });

  it.each([
    [
      "somebody else's directory",
      "thesis.txt",
      /not empty and not a cluster's directory: it holds "thesis.txt"/,
    ],
    ["one node's own directory", "identity.json", /one node's own directory/],
  ])("leaves %s as it is", async (_, name, message) => {
    await writeFile(join(dir, name), "");
    await expect(claimDirectory(dir)).rejects.toMatchObject({ code: "TPC_DATA_DIR" });
    await expect(claimDirectory(dir)).rejects.toThrow(message);
    expect(await readdir(dir)).toEqual([name]);
  });

  it("knows a cluster's directory again by its token", async () => {
    await writeFile(join(dir, "token"), "");
    await mkdir(join(dir, "ledger"));
    expect((await claimDirectory(dir)).held).toBe(false);
  });
});
