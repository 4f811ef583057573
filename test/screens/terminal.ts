import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import xterm, { type IBufferCell } from "@xterm/headless";

export const LAUNCHER = join(import.meta.dirname, "../../bin/2pc-console.js");

/** One cell as a terminal shows it. */
export interface Cell {
  readonly text: string;
  /** Palette numbers; null is the terminal's own colour. */
  readonly fg: number | null;
  readonly bg: number | null;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

/** The program on a real pseudo-terminal, and what that shows. */
export interface RealTerminal {
  readonly pid: number;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  lines(): readonly string[];
  cells(): readonly (readonly Cell[])[];
  /** Resolves once the text is shown; rejects with the screen after the deadline. */
  untilText(text: string | RegExp, deadlineMs?: number): Promise<void>;
  /** Bytes written to the terminal so far. */
  written(): number;
  /** Calls `listener` whenever something that was written has been drawn. Returns the cancel function. */
  onDrawn(listener: () => void): () => void;
  /** Resolves when nothing was written for a moment, so that no frame is half drawn. */
  untilStill(): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  kill(): void;
}

const DEADLINE_MS = 30_000;
const STILL_MS = 150;

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly args: readonly string[];
  /** What is run; the program itself where absent. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function openTerminal({
  columns,
  rows,
  args,
  program = LAUNCHER,
  env = {},
}: TerminalOptions): RealTerminal {
  const grid = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const whole: Record<string, string | undefined> = { ...process.env, TERM: "xterm-256color", ...env };
  for (const name of ["CI", "NO_COLOR", "FORCE_COLOR", "COLORFGBG", "TPC_THEME"])
    if (env[name] === undefined) delete whole[name];
  const pty: IPty = spawn(process.execPath, [program, ...args], { cols: columns, rows, env: whole });
  const listeners = new Set<() => void>();
  let written = 0;
  let lastWriteMs = performance.now();
  pty.onData((chunk) => {
    lastWriteMs = performance.now();
    written += Buffer.byteLength(chunk);
    grid.write(chunk, () => {
      for (const listener of listeners) listener();
    });
  });
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  const rowsOf = <Value>(read: (row: number) => Value): readonly Value[] =>
    Array.from({ length: grid.rows }, (_, row) => read(row));
  const lines = () => rowsOf((row) => grid.buffer.active.getLine(row)?.translateToString(true) ?? "");
  return {
    pid: pty.pid,
    type: (keys) => pty.write(keys),
    resize(nextColumns, nextRows) {
      grid.resize(nextColumns, nextRows);
      pty.resize(nextColumns, nextRows);
    },
    lines,
    cells: () =>
      rowsOf((row) =>
        Array.from({ length: grid.cols }, (_, column) =>
          cellOf(grid.buffer.active.getLine(row)?.getCell(column)),
        ),
      ),
    async untilText(text, deadlineMs = DEADLINE_MS) {
      const deadline = performance.now() + deadlineMs;
      const isShown = (): boolean =>
        lines().some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));
      while (!isShown()) {
        if (performance.now() > deadline) throw new Error(`never saw ${text}:\n${lines().join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    written: () => written,
    onDrawn(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async untilStill() {
      while (performance.now() - lastWriteMs < STILL_MS)
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
    ended,
    kill: () => pty.kill("SIGKILL"),
  };
}

function cellOf(cell: IBufferCell | undefined): Cell {
  if (cell === undefined)
    return { text: " ", fg: null, bg: null, bold: false, underline: false, inverse: false };
  return {
    text: cell.getChars() || " ",
    fg: cell.isFgPalette() ? cell.getFgColor() : null,
    bg: cell.isBgPalette() ? cell.getBgColor() : null,
    bold: cell.isBold() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}
