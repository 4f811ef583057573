import { Box, Text, useApp, useInput, usePaste, useStdout, useWindowSize } from "ink";
import { memo, useEffect, useState, useSyncExternalStore } from "react";
import { unfinishedTransactions } from "../observe/transaction.ts";
import { frameRows } from "./frame.ts";
import { isPulsing } from "./header.ts";
import { keysOf } from "./input.ts";
import { pasteText, pressKey } from "./keys.ts";
import { MOUSE_OFF, MOUSE_ON } from "./mouse.ts";
import type { Session } from "./session.ts";
import { paintRow, paletteOf } from "./theme.ts";

/** The root: one `<Text>` for each row of the frame, drawn again only when its text has changed. */
export function App({ session, connect }: AppProps) {
  const { columns, rows } = useWindowSize();
  const app = useApp();
  const { stdout } = useStdout();
  const model = useSyncExternalStore(session.model.subscribe, session.model.get);
  const ui = useSyncExternalStore(session.ui.subscribe, session.ui.get);
  useTick(
    ui.times === "since" ||
      unfinishedTransactions(model).length > 0 ||
      isPulsing({ model, nowMs: session.nowMs() }),
  );
  useEffect(() => connect(app), [app, connect]);
  useInput((input, key) => {
    for (const name of keysOf(input, key)) pressKey(session, name);
  });
  usePaste((text) => pasteText(session, text));
  useEffect(() => {
    if (!ui.mouse) return undefined;
    stdout.write(MOUSE_ON);
    return () => void stdout.write(MOUSE_OFF);
  }, [ui.mouse, stdout]);
  const { lines, failure } = drawLines(session, columns, rows);
  useEffect(() => {
    if (failure !== null) app.exit(failure);
  }, [app, failure]);
  return (
    <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place.
        <Line key={index} text={line} />
      ))}
    </Box>
  );
}

/** A defect ends the console with an error; thrown on, Ink would show its text as it is, with whatever a node put into it. */
function drawLines(
  session: Session,
  columns: number,
  rows: number,
): { readonly lines: readonly string[]; readonly failure: Error | null } {
  try {
    const frame = frameRows(session.view(), columns, rows);
    const palette = paletteOf(session.ui.get().theme, session.colors);
    return { lines: frame.map((row) => paintRow(row, columns, palette)), failure: null };
  } catch (error) {
    return { lines: [], failure: error instanceof Error ? error : new Error(String(error)) };
  }
}

interface AppProps {
  readonly session: Session;
  /** Hands Ink's ways out to the session; returns how to take them back. */
  readonly connect: (app: ReturnType<typeof useApp>) => () => void;
}

const Line = memo(function Line({ text }: { readonly text: string }) {
  return <Text wrap="truncate">{text}</Text>;
});

/** Draws ages anew once a second, only while something has an age. */
function useTick(active: boolean): void {
  const [, setTicks] = useState(0);
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setTicks((ticks) => ticks + 1), 1000);
    return () => clearInterval(timer);
  }, [active]);
}
