import { Box, Text, useApp, useInput, usePaste, useStdout, useWindowSize } from "ink";
import { memo, useEffect, useState, useSyncExternalStore } from "react";
import { createFrameStore } from "./frame-store.ts";
import { keysOf } from "./input.ts";
import { pasteText, pressKey } from "./keys.ts";
import { MOUSE_OFF, MOUSE_ON } from "./mouse.ts";
import type { Session } from "./session.ts";

/** The root: one `<Text>` for each row of the frame, drawn again only when its text has changed. */
export function App({ session, connect }: AppProps) {
  const { columns, rows } = useWindowSize();
  const app = useApp();
  const { stdout } = useStdout();
  const [frames] = useState(() => createFrameStore(session));
  const { lines, failure } = useSyncExternalStore(frames.subscribe, frames.get);
  useEffect(() => connect(app), [app, connect]);
  useInput((input, key) => {
    for (const name of keysOf(input, key)) pressKey(session, name);
  });
  usePaste((text) => pasteText(session, text));
  const hasMouse = useSyncExternalStore(session.ui.subscribe, () => session.ui.get().mouse);
  useEffect(() => {
    if (!hasMouse) return undefined;
    stdout.write(MOUSE_ON);
    return () => void stdout.write(MOUSE_OFF);
  }, [hasMouse, stdout]);
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

interface AppProps {
  readonly session: Session;
  /** Hands Ink's ways out to the session; returns how to take them back. */
  readonly connect: (app: ReturnType<typeof useApp>) => () => void;
}

const Line = memo(function Line({ text }: { readonly text: string }) {
  return <Text wrap="truncate">{text}</Text>;
});
