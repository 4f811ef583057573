import { useApp, useInput, useStdout } from "ink";
import { useEffect } from "react";
import { keysOf } from "../input.ts";
import { pressKey } from "../keys.ts";
import type { Session } from "../session.ts";
import { linesBetween, openingLines } from "./reader-lines.ts";

/** News of the cluster are gathered for so long, so that a burst is one sentence. */
const GATHER_MS = 700;

/** The console for a screen reader: nothing is drawn, each change of state is a line that is written once. */
export function ReaderApp({ session, connect }: ReaderAppProps) {
  const app = useApp();
  const { write } = useStdout();
  useEffect(() => connect(app), [app, connect]);
  useInput((input, key) => {
    for (const name of keysOf(input, key)) pressKey(session, name);
  });
  useEffect(() => speak(session, write), [session, write]);
  return null;
}

interface ReaderAppProps {
  readonly session: Session;
  /** Hands Ink's ways out to the session; returns how to take them back. */
  readonly connect: (app: ReturnType<typeof useApp>) => () => void;
}

/** Says at once what the user's own keys do, and a little later what the cluster does. Returns how to end it. */
function speak(session: Session, write: (text: string) => void): () => void {
  let said = session.view();
  let timer: NodeJS.Timeout | null = null;
  const sayLines = (lines: readonly string[]): void => {
    if (lines.length > 0) write(`${lines.join("\n")}\n`);
  };
  const say = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const view = session.view();
    sayLines(linesBetween(said, view));
    said = view;
  };
  sayLines(openingLines(said));
  const cancels = [
    session.ui.subscribe(say),
    session.model.subscribe(() => {
      timer ??= setTimeout(say, GATHER_MS);
    }),
  ];
  return () => {
    for (const cancel of cancels) cancel();
    if (timer !== null) clearTimeout(timer);
  };
}
