import { useApp, useInput, usePaste, useStdout } from "ink";
import { useEffect, useSyncExternalStore } from "react";
import { keysOf } from "./input.ts";
import { pasteText, pressKey } from "./keys.ts";
import { MOUSE_OFF, MOUSE_ON } from "./mouse.ts";
import type { Painter } from "./painter.ts";
import type { Session } from "./session.ts";

/** The root. Ink has the terminal: its modes, keys, pastes and what gives it back; the screen is the painter's. */
export function App({ session, connect, painter, onReady }: AppProps) {
  const app = useApp();
  const { stdout } = useStdout();
  useEffect(() => connect(app), [app, connect]);
  useEffect(() => painter.start(), [painter]);
  useInput((input, key) => {
    for (const name of keysOf(input, key)) pressKey(session, name);
  });
  usePaste((text) => pasteText(session, text));
  // Ink has taken the terminal by now: what it answers is not echoed.
  useEffect(() => void onReady(), [onReady]);
  const hasMouse = useSyncExternalStore(session.ui.subscribe, () => session.ui.get().mouse);
  useEffect(() => {
    if (!hasMouse) return undefined;
    stdout.write(MOUSE_ON);
    return () => void stdout.write(MOUSE_OFF);
  }, [hasMouse, stdout]);
  return null;
}

interface AppProps {
  readonly session: Session;
  /** Hands Ink's ways out to the session; returns how to take them back. */
  readonly connect: (app: ReturnType<typeof useApp>) => () => void;
  readonly painter: Painter;
  /** Called once keys are read. */
  readonly onReady: () => void;
}
