#!/usr/bin/env node
// Plain JavaScript for any Node a machine may carry: it finds a Node that can run the program, then runs it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

// A version of Node that only hands over has no such function, and an import by its name would fail there.
const { enableCompileCache } = nodeModule;

const NEEDED = [22, 13];
const FORWARDED_SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
/** The pipe whose other end the launcher holds; it closes with the launcher, however that ends. */
const LAUNCHER_FD_VARIABLE = "TPC_LAUNCHER_FD";
const LAUNCHER_FD = 3;
/** How long the program may take to restore the terminal after its launcher is gone. */
const FAREWELL_MS = 4_000;

const self = fileURLToPath(import.meta.url);
const root = join(dirname(self), "..");

function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

function fail(exitCode, line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = exitCode;
}

function refuseNode() {
  fail(
    78,
    `TPC_NODE_VERSION: this is Node.js ${process.versions.node}, 2pc-console needs ${NEEDED.join(".")} or newer; install Node.js ${NEEDED.join(".")} or newer`,
  );
}

/** Runs the same command line under the Node of this checkout, and ends as it ends. */
function handOver(node) {
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, [LAUNCHER_FD_VARIABLE]: String(LAUNCHER_FD) },
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  child.stdio[LAUNCHER_FD].on("error", () => {});
  child.on("error", refuseNode);
  child.on("exit", (code, signal) => {
    for (const name of FORWARDED_SIGNALS) process.removeListener(name, forward);
    if (signal === null) process.exit(code);
    leaveScreen();
    process.kill(process.pid, signal);
  });
}

/** A console that was killed could not give the terminal back: mouse, paste, the primary screen, the cursor, plain colours. */
function leaveScreen() {
  const [command] = process.argv.slice(2);
  const isConsole = command === undefined || command === "attach" || command.startsWith("-");
  if (isConsole && process.stdout.isTTY)
    process.stdout.write("\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m");
}

/** A launcher that was killed cannot forward anything: its end is taken as a hang-up. */
async function followLauncher(fd) {
  const { Socket } = await import("node:net");
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on("error", () => {});
  pipe.on("close", () => {
    setTimeout(() => process.exit(129), FAREWELL_MS).unref();
    process.kill(process.pid, "SIGHUP");
  });
  pipe.resume();
  pipe.unref();
}

/** What must stand before the first import: libraries read it while they load. */
function prepareEnvironment() {
  process.env.NODE_ENV = "production";
  if (process.env.NO_COLOR || process.argv.includes("--no-color")) {
    process.env.NO_COLOR = "1";
    process.env.FORCE_COLOR = "0";
  }
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
}

/** Every process of a cluster starts faster with it. Where it cannot be kept, or Node was told where, this changes nothing. */
function keepCompiledCode() {
  const { XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env;
  const caches = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  if (caches && !NODE_COMPILE_CACHE) enableCompileCache(join(caches, "2pc-console"));
}

async function run() {
  const main = join(root, "dist", "cli", "main.js");
  if (!existsSync(main)) {
    fail(78, `TPC_CONFIG: ${main} is missing; run \`npm run build\``);
    return;
  }
  prepareEnvironment();
  keepCompiledCode();
  const launcherFd = process.env[LAUNCHER_FD_VARIABLE];
  delete process.env[LAUNCHER_FD_VARIABLE];
  if (launcherFd !== undefined) await followLauncher(Number(launcherFd));
  const { main: runMain } = await import(pathToFileURL(main).href);
  await runMain(process.argv);
}

const pinned = join(root, "node_modules", "node", "bin", "node");
if (isNodeNewEnough(process.versions.node)) await run();
else if (existsSync(pinned)) handOver(pinned);
else refuseNode();
