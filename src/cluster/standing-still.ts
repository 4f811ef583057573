import { type ChildProcess, spawn } from "node:child_process";
import { TpcError } from "../core/errors.ts";

/** A process that was told to stand still. */
export interface StandingStill {
  /** Lets it go on. */
  resume(): void;
  /** It has ended: there is nothing to let go on. */
  ended(): void;
}

/**
 * Stops a process with SIGSTOP. What stands still would not notice that its supervisor has died and stay for ever; so a
 * guard waits at a pipe, and lets it go on when that closes. Throws TPC_USAGE on systems that have no such signals.
 */
export function standStill(pid: number, signal: (name: NodeJS.Signals) => void): StandingStill {
  if (process.platform === "win32") {
    throw new TpcError("TPC_USAGE", "a process cannot be paused on this system");
  }
  const guard: ChildProcess = spawn("/bin/sh", ["-c", 'read -r _; kill -CONT "$1"', "sh", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.on("error", () => {});
  guard.stdin?.on("error", () => {});
  guard.unref();
  signal("SIGSTOP");
  const dismiss = (): void => void guard.kill("SIGKILL");
  return {
    resume() {
      dismiss();
      signal("SIGCONT");
    },
    ended: dismiss,
  };
}
