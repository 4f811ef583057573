import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program in a window of tmux, as somebody at a keyboard has it. */
export interface TmuxWindow {
  /** Keys as tmux names them (`Enter`, `Escape`, `C-z`), or text as it is typed. */
  type(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** What is shown, one string a row; with its colours where `isColoured`. */
  lines(isColoured?: boolean): Promise<readonly string[]>;
  /** Resolves once a row holds the text, or none does any more; rejects with the screen after the deadline. */
  until(text: string | RegExp, isShown?: boolean): Promise<void>;
  /** Resolves when the program has ended, and its window with it. */
  ended(): Promise<void>;
  /** Resolves when several looks one after the other show the same. */
  untilStill(): Promise<void>;
}

/** A server of its own, so that nobody's sessions are touched. */
export interface Tmux {
  open(command: readonly string[], columns: number, rows: number): Promise<TmuxWindow>;
  /** Ends the server with everything in it. */
  close(): Promise<void>;
}

const DEADLINE_MS = 30_000;
const LOOK_MS = 100;
const STILL_LOOKS = 4;

/** Starts nothing until a window is opened. Throws where there is no tmux. */
export async function openTmux(env: Readonly<Record<string, string>>): Promise<Tmux> {
  const socket = `2pc-screens-${process.pid}`;
  const tmux = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run("tmux", ["-L", socket, "-f", "/dev/null", ...words], {
      env: { ...process.env, ...env, TMUX: "" },
    });
    return stdout;
  };
  await tmux("-V").catch(() => {
    throw new Error("tmux is not installed: what a real terminal shows is captured with it");
  });
  let windows = 0;

  return {
    async open(command, columns, rows) {
      windows += 1;
      const name = `w${windows}`;
      const size = ["-x", String(columns), "-y", String(rows)];
      await tmux("new-session", "-d", "-s", name, ...size, ...command);
      await tmux("set-option", "-t", name, "status", "off");
      return windowOf(tmux, name);
    },
    async close() {
      await tmux("kill-server").catch(() => {});
    },
  };
}

function windowOf(tmux: (...words: readonly string[]) => Promise<string>, name: string): TmuxWindow {
  const lines = async (isColoured = false): Promise<readonly string[]> => {
    const text = await tmux("capture-pane", "-p", "-t", name, ...(isColoured ? ["-e"] : []));
    return text.split("\n").slice(0, -1);
  };
  return {
    async type(...keys) {
      await tmux("send-keys", "-t", name, ...keys);
    },
    async resize(columns, rows) {
      await tmux("resize-window", "-t", name, "-x", String(columns), "-y", String(rows));
      const deadline = performance.now() + DEADLINE_MS;
      // The hints stand in the last row again once it is drawn for the new size.
      for (let now = await lines(); !isWhole(now, rows); now = await lines()) {
        if (performance.now() > deadline)
          throw new Error(`never drawn at ${columns} by ${rows}:\n${now.join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    lines,
    async until(text, isShown = true) {
      const deadline = performance.now() + DEADLINE_MS;
      const holds = (line: string): boolean =>
        typeof text === "string" ? line.includes(text) : text.test(line);
      for (;;) {
        const now = await lines();
        if (now.some(holds) === isShown) return;
        if (performance.now() > deadline) {
          const what = isShown ? "never saw" : "still saw";
          throw new Error(`${what} ${text}:\n${now.join("\n")}`);
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    async ended() {
      const isThere = () =>
        tmux("has-session", "-t", name).then(
          () => true,
          () => false,
        );
      while (await isThere()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    },
    async untilStill() {
      let before = "";
      for (let same = 0; same < STILL_LOOKS; ) {
        const now = (await lines(true)).join("\n");
        same = now === before ? same + 1 : 0;
        before = now;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
  };
}

function isWhole(lines: readonly string[], rows: number): boolean {
  const isHeaded = lines[0]?.startsWith(" 2pc-console ") ?? false;
  return lines.length === rows && isHeaded && (lines.at(-1)?.startsWith("? help") ?? false);
}
