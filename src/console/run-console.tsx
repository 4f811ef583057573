import { render, type useApp } from "ink";
import { TpcError } from "../core/errors.ts";
import { isHolding } from "../observe/held.ts";
import type { Model } from "../observe/model.ts";
import { sortedNodes } from "../observe/node-status.ts";
import type { ClusterControl, Operator, Recorder, Watcher } from "../observe/ports.ts";
import type { Replay } from "../observe/replay/replay.ts";
import type { NodeName } from "../schema/ids.ts";
import { type ActionPorts, perform } from "./actions.ts";
import { App } from "./app.tsx";
import { ASK_BACKGROUND, createBackgroundReader } from "./background.ts";
import { clipboardSequence } from "./clipboard.ts";
import { addCommand, type CommandEntry, endCommand } from "./command-log.ts";
import { access } from "./equivalents.ts";
import { filteredInput } from "./filtered-input.ts";
import { createFrameStore } from "./frame-store.ts";
import { keepHolding } from "./hold-keeper.ts";
import { type Binding, KEYMAP } from "./keymap.ts";
import { createModelStore } from "./model-store.ts";
import { createMouseReader, MOUSE_OFF, MOUSE_ON } from "./mouse.ts";
import { createPainter, type Painter, sharedOutput } from "./painter.ts";
import { point } from "./pointing.ts";
import { ReaderApp } from "./reader/reader-app.tsx";
import { REPLAY_BINDINGS } from "./replay/bindings.ts";
import { createReplayDesk, type ReplayDesk, type ReplayPlace } from "./replay/desk.ts";
import { previewResolve } from "./resolving.ts";
import type { Session } from "./session.ts";
import { stopJob } from "./stop-job.ts";
import { createStore, type Store } from "./store.ts";
import type { Colors } from "./theme.ts";
import { type Shade, type ThemeName, themeFor } from "./theme-names.ts";
import { type Flash, initialUi, type Ui } from "./ui.ts";
import { undosAfter, undosAfterFailure } from "./undo.ts";
import { keepWaiting } from "./waiting-orders.ts";

/** How long a line above the key hints stays; one that went well must not hide for long what does not. */
const FLASH_MS = { bad: 12_000, warn: 12_000, plain: 6_000, good: 6_000 } as const;
/** Unsent bytes that tell of a slow terminal. */
const SLOW_BYTES = 64 * 1024;

export interface ConsoleOptions {
  readonly watcher: Watcher;
  readonly operator: Operator;
  /** Null where the console did not start the processes: they cannot be killed or restarted from it. */
  readonly cluster: ClusterControl | null;
  /** Keeps what is watched and done; null where nothing is kept. */
  readonly recorder?: Recorder | null;
  /** A recorded run to look at in place of what the watcher hears. */
  readonly replay?: Replay;
  /** The named points at which a node can be made to crash; asked for when they are first needed. */
  readonly crashPoints?: () => Promise<readonly string[]>;
  readonly clusterName: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly readOnly: boolean;
  /** Who decides by hand: kept in the logs. */
  readonly userName: string;
  /** What commands need to be let in, told with the equivalent of each action; null where they find the token by themselves. */
  readonly tokenFile: string | null;
  /** Whether the terminal is tmux's, which keeps what is copied to itself unless told otherwise. */
  readonly inTmux: boolean;
  /** How many colours the terminal has; with none, no theme shows any. */
  readonly colors: Colors;
  /** Null is the one that goes with the terminal's background. */
  readonly theme: ThemeName | null;
  /** What is known of that background before the terminal is asked; null is nothing. */
  readonly background?: Shade | null;
  /** Every key; the built-in ones, of a live console or of a replay, where absent. */
  readonly bindings?: readonly Binding[];
  /** Lines for a screen reader in place of a screen. */
  readonly screenReader?: boolean;
  /** Wall clock in milliseconds since 1970. */
  readonly nowMs?: () => number;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

/**
 * Shows the console until the user leaves. The terminal is given back in every case; a defect while drawing
 * rejects with TPC_INTERNAL, so that the caller can print it on the restored screen.
 */
export async function runConsole(options: ConsoleOptions): Promise<{ reason: "quit" | "signal" }> {
  const { stdin, stdout } = options;
  const control: Control = { app: null, painter: null, isSuspended: false };
  const session = createSession(options, control);
  let defect: Error | null = null;
  const connect = (app: ReturnType<typeof useApp>) => {
    control.app = app;
    if (defect !== null) app.exit(defect);
    return () => {
      control.app = null;
    };
  };
  const onDefect = (error: Error): void => {
    defect = error;
    control.app?.exit(error);
  };
  process.on("uncaughtException", onDefect);
  // Stopped from outside, nobody could give the terminal away: a shell may have written on it since.
  const onContinue = (): void => session.redraw();
  process.on("SIGCONT", onContinue);
  try {
    const isRead = options.screenReader === true;
    const painter = createPainter(createFrameStore(session), stdout, (failure) => control.app?.exit(failure));
    control.painter = painter;
    const root = isRead ? (
      <ReaderApp session={session} connect={connect} />
    ) : (
      <App
        session={session}
        connect={connect}
        painter={painter}
        onReady={() => options.colors !== "none" && stdout.write(ASK_BACKGROUND)}
      />
    );
    const instance = render(root, {
      stdin: filteredInput(stdin, [
        createMouseReader((event) => point(session, event)),
        createBackgroundReader((shade) => session.change(onBackground(session, options, shade))),
      ]),
      stdout: isRead ? stdout : sharedOutput(stdout, painter.touched),
      stderr: process.stderr,
      // What was said stays, to be read again.
      alternateScreen: !isRead,
      isScreenReaderEnabled: isRead,
      exitOnCtrlC: false,
      interactive: true,
      // A stray line of a library must not tear the screen; there is none on another stream.
      patchConsole: stdout === process.stdout,
    });
    const result = await instance.waitUntilExit();
    return { reason: result === "signal" ? "signal" : "quit" };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const what = defect === null ? "could not draw its screen" : "met a defect";
    throw new TpcError("TPC_INTERNAL", `the console ${what}: ${text}`, { cause: error });
  } finally {
    process.off("uncaughtException", onDefect);
    process.off("SIGCONT", onContinue);
    session.model.close();
  }
}

/** What the terminal's word about its background changes: the theme, too, where nobody has chosen one. */
function onBackground({ ui }: Session, { theme }: ConsoleOptions, background: Shade): Partial<Ui> {
  const isChosen = theme !== null || ui.get().theme !== themeFor(ui.get().background);
  return isChosen ? { background } : { background, theme: themeFor(background) };
}

/** What is there while the console is on the screen. */
interface Control {
  app: ReturnType<typeof useApp> | null;
  painter: Painter | null;
  /** Ctrl-Z has given the terminal to the shell. */
  isSuspended: boolean;
}

function createSession(options: ConsoleOptions, control: Control): Session {
  const { cluster, operator, stdout, readOnly, clusterName, userName } = options;
  const wallMs = options.nowMs ?? Date.now;
  const random = options.random ?? Math.random;
  const bindings = options.bindings ?? (options.replay === undefined ? KEYMAP : REPLAY_BINDINGS);
  const ui = createStore<Ui>({
    ...initialUi(),
    bindings,
    theme: options.theme ?? themeFor(options.background ?? null),
    background: options.background ?? null,
    readOnly,
  });
  const replay = options.replay === undefined ? null : openDesk(options.replay, ui);
  // Ages in a recorded run are as they were then.
  const nowMs = replay === null ? wallMs : () => replay.place().atMs;
  const model =
    replay ??
    createModelStore({
      watcher: options.watcher,
      recorder: options.recorder ?? null,
      nowMs,
      isSlow: () => stdout.writableLength > SLOW_BYTES,
    });
  const flash = flasher((shown) => ui.set((value) => ({ ...value, flash: shown })));
  options.replay?.onRead(() => tellRemark(options.replay, flash));
  tellRemark(options.replay, flash);
  options.recorder?.onEnd((text) => {
    flash({ text, tone: "bad" });
    model.note(text);
  });
  const ports: ActionPorts = {
    operator,
    cluster,
    random,
    nowMs,
    flash,
    note: model.note,
    forget: model.forget,
    begin(doing) {
      const entry: CommandEntry = { ...doing, atMs: nowMs(), ended: null };
      ui.set((value) => ({ ...value, commandLog: addCommand(value.commandLog, entry) }));
      return (ended) =>
        ui.set((value) => ({ ...value, commandLog: endCommand(value.commandLog, entry, ended) }));
    },
    await: keepWaiting((waiting) => ui.set((value) => ({ ...value, waiting }))),
    userName,
    addressOf: (node) => addressOf(model.get(), node),
    isHeld: () => ui.get().holds || isHolding(model.get()),
    bindings: () => ui.get().bindings,
    tokenFile: options.tokenFile,
  };
  let isToldOfTmux = !options.inTmux;
  if (replay === null) keepHolding(ui, model, operator);
  return {
    model,
    replay,
    ui,
    cluster,
    colors: options.colors,
    random,
    nowMs,
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    view: () => {
      const now = ui.get();
      return {
        model: now.frozen ?? model.get(),
        ui: now,
        nowMs: now.frozen === null ? nowMs() : now.frozenAtMs,
        clusterName,
        readOnly: now.readOnly,
        hasControl: cluster !== null,
        ...(now.frozen === null ? {} : { arrived: model.get().eventsTotal - now.frozen.eventsTotal }),
      };
    },
    change({ flash: line, ...change }) {
      ui.set((value) => ({ ...value, ...change }));
      if (line !== undefined) flash(line);
    },
    act(action) {
      if (action.type === "hold") ui.set((value) => ({ ...value, holds: action.hold }));
      const before = ui.get().undos;
      ui.set((value) => ({ ...value, lastAction: action, undos: undosAfter(value.undos, action) }));
      void perform(ports, action).then((isDone) => {
        if (isDone) return;
        ui.set((value) => ({ ...value, undos: undosAfterFailure(value.undos, before, action) }));
      });
    },
    access: (node) => access(ports, node),
    copy({ what, excerpt = "", more = "" }, text) {
      stdout.write(clipboardSequence(text));
      // Said once, and where a narrow terminal still has room for it.
      const shown = isToldOfTmux ? excerpt : "(tmux needs: set -g set-clipboard on)";
      isToldOfTmux = true;
      ports.flash({ text: `copied ${what}${shown === "" ? "" : ` ${shown}`}${more}`, tone: "good" });
    },
    preview: (node, request) => previewResolve(ports, node, request),
    crashPoints: options.crashPoints ?? (async () => []),
    leave: (reason) => control.app?.exit(reason),
    suspend() {
      const setMouse = (text: string) => ui.get().mouse && stdout.write(text);
      void suspend(control, setMouse).then((wasAway) => {
        if (!wasAway)
          flash({ text: "there is no shell to go to: nobody could come back from it", tone: "warn" });
      });
    },
    redraw: () => void redraw(control),
  };
}

function addressOf(model: Model, name: NodeName | null): string | null {
  const node =
    name === null ? sortedNodes(model).find(({ kind }) => kind === "coordinator") : model.nodes.get(name);
  return node?.view?.url ?? null;
}

function openDesk(replay: Replay, ui: Store<Ui>): ReplayDesk {
  const show = (place: ReplayPlace): void => ui.set((value) => ({ ...value, replay: place }));
  const desk = createReplayDesk({ replay, show, nowMs: () => performance.now() });
  ui.set((value) => ({ ...value, replay: desk.place() }));
  return desk;
}

/** Says, once a trace is read, what is to be known of it. */
function tellRemark(replay: Replay | undefined, flash: (flash: Flash | null) => void): void {
  const { share, remark, isBroken } = replay?.reading() ?? { share: 0, remark: null, isBroken: false };
  if (share < 1 || remark === null) return;
  const text = isBroken ? `what comes after could not be read: ${remark}` : remark;
  flash({ text, tone: isBroken ? "bad" : "warn" });
}

/** Shows a line and takes it away after a while, unless another has come. */
function flasher(show: (flash: Flash | null) => void): (flash: Flash | null) => void {
  let timer: NodeJS.Timeout | null = null;
  return (flash) => {
    if (timer !== null) clearTimeout(timer);
    show(flash);
    if (flash === null) return;
    timer = setTimeout(() => show(null), FLASH_MS[flash.tone]);
    timer.unref();
  };
}

/** Gives the terminal back, stops the whole job as Ctrl-Z does, and draws anew when it goes on. False where it could not stop. */
async function suspend(control: Control, setMouse: (sequence: string) => void): Promise<boolean> {
  const { app, painter } = control;
  let wasAway = false;
  setMouse(MOUSE_OFF);
  painter?.hold();
  control.isSuspended = true;
  await app?.suspendTerminal(async () => {
    wasAway = await stopJob();
  });
  control.isSuspended = false;
  painter?.release();
  setMouse(MOUSE_ON);
  return wasAway;
}

async function redraw({ app, painter, isSuspended }: Control): Promise<void> {
  if (isSuspended) return;
  painter?.hold();
  await app?.suspendTerminal(() => undefined);
  painter?.release();
}
