import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import xterm from "@xterm/headless";

/** A terminal without a window: what the program writes is drawn into a grid that can be read. */
export interface Screen {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  lines(): readonly string[];
  /** Resolves with the lines once `test` holds; rejects with the screen after the deadline. */
  until(what: string, test: (lines: readonly string[]) => boolean): Promise<readonly string[]>;
  untilText(text: string): Promise<readonly string[]>;
  /** Whether the alternate screen is shown. */
  isAlternate(): boolean;
  cursorHidden(): boolean;
  /** The palette number of the first character of `text` on the screen, `default` where it has none. */
  colorAt(text: string): string;
  /** Whether the first character of `text` on the screen is underlined. */
  underlinedAt(text: string): boolean;
  /** Whether the program has asked for what the mouse does. */
  mouseOn(): boolean;
  /** All that the program has sent to the terminal. */
  written(): string;
  /** What was handed to the clipboard, in order. */
  copied(): readonly string[];
}

const DEADLINE_MS = 5_000;

export function openScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const written: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns,
    rows,
    writable: true,
    writableLength: 0,
    write(data: string | Uint8Array, encoding?: unknown, done?: () => void) {
      const text = typeof data === "string" ? data : new TextDecoder().decode(data);
      written.push(text);
      const callback = typeof encoding === "function" ? (encoding as () => void) : done;
      terminal.write(text.replaceAll("\n", "\r\n"), () => callback?.());
      return true;
    },
  });
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(raw: boolean) {
      stdin.isRaw = raw;
      return stdin;
    },
    ref: () => stdin,
    unref: () => stdin,
  });
  const lines = (): readonly string[] =>
    Array.from(
      { length: terminal.rows },
      (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? "",
    );
  const until: Screen["until"] = async (what, test) => {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const now = lines();
      if (test(now)) return now;
      if (performance.now() > deadline) throw new Error(`never saw ${what}:\n${now.join("\n")}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    type: (keys) => void stdin.write(keys),
    resize(nextColumns, nextRows) {
      terminal.resize(nextColumns, nextRows);
      stdout.columns = nextColumns;
      stdout.rows = nextRows;
      stdout.emit("resize");
    },
    lines,
    until,
    untilText: (text) => until(JSON.stringify(text), (now) => now.some((line) => line.includes(text))),
    isAlternate: () => terminal.buffer.active.type === "alternate",
    colorAt(text) {
      const row = lines().findIndex((line) => line.includes(text));
      const cell = terminal.buffer.active.getLine(row)?.getCell(lines()[row]?.indexOf(text) ?? 0);
      return cell === undefined || cell.isFgDefault() ? "default" : String(cell.getFgColor());
    },
    underlinedAt(text) {
      const row = lines().findIndex((line) => line.includes(text));
      const column = lines()[row]?.indexOf(text) ?? 0;
      return (terminal.buffer.active.getLine(row)?.getCell(column)?.isUnderline() ?? 0) !== 0;
    },
    mouseOn: () => terminal.modes.mouseTrackingMode !== "none",
    written: () => written.join(""),
    copied: () =>
      [...written.join("").matchAll(/\u001b\]52;c;([A-Za-z0-9+/=]*)\u0007/g)].map(([, text = ""]) =>
        Buffer.from(text, "base64").toString("utf8"),
      ),
    cursorHidden: () =>
      written.join("").lastIndexOf("\u001b[?25l") > written.join("").lastIndexOf("\u001b[?25h"),
  };
}
