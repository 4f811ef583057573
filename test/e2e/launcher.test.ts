import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../src/core/errors.ts";
import { type Home, isRunning, LAUNCHER, makeHome, OLD_NODE } from "./program.ts";

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

/** The launcher alone, as in a package without its development dependencies. */
async function aloneLauncher(): Promise<string> {
  await mkdir(join(home.dir, "alone", "bin"), { recursive: true });
  await writeFile(join(home.dir, "alone", "package.json"), '{"type":"module"}');
  const path = join(home.dir, "alone", "bin", "2pc-console.js");
  await copyFile(LAUNCHER, path);
  return path;
}

describe("the launcher", () => {
  it("hands over to the checkout's Node, and ends with its status", async () => {
    const version = await home.run(["--version"], { nodeArgs: OLD_NODE });
    expect(version).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect((await home.run(["run", "nope"], { nodeArgs: OLD_NODE })).status).toBe(64);
  });

  it("names the Node it needs where there is none to hand over to", async () => {
    const ended = await home.run(["--version"], { nodeArgs: OLD_NODE, launcher: await aloneLauncher() });
    const { exitCode, hint } = ERROR_CODES.TPC_NODE_VERSION;
    expect(ended).toMatchObject({ status: exitCode, stdout: "" });
    expect(ended.stderr).toBe(
      `TPC_NODE_VERSION: this is Node.js 20.19.0, 2pc-console needs 22.13 or newer; ${hint}\n`,
    );
  });

  it("says what to run where nothing is built", async () => {
    const ended = await home.run(["--version"], { launcher: await aloneLauncher() });
    expect(ended.status).toBe(78);
    expect(ended.stderr).toMatch(/^TPC_CONFIG: .*npm run build`\n$/);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "forwards %s, and the node ends in order",
    async (signal) => {
      const started = home.start(["coordinator", "--listen", "127.0.0.1:0"], { nodeArgs: OLD_NODE });
      const { pid } = JSON.parse(await started.line((line) => line.startsWith("{")));
      expect(pid).not.toBe(started.child.pid);
      started.child.kill(signal);
      expect(await started.ended).toMatchObject({ status: 0, signal: null });
      expect(await isRunning(pid)).toBe(false);
    },
  );

  it("leaves nothing behind when it is killed itself", async () => {
    const started = home.start(["coordinator", "--listen", "127.0.0.1:0"], { nodeArgs: OLD_NODE });
    const { pid } = JSON.parse(await started.line((line) => line.startsWith("{")));
    started.child.kill("SIGKILL");
    await expect.poll(() => isRunning(pid), { timeout: 6_000 }).toBe(false);
  });

  it("shows no warnings of Node's own", async () => {
    const node = await home.node(["coordinator", "--listen", "127.0.0.1:0"]);
    node.child.kill("SIGTERM");
    expect((await node.ended).stderr).not.toMatch(/warning/i);
  });
});
