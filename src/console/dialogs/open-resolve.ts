import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { isFinished, participantNames, transactionStatus } from "../../observe/transaction.ts";
import type { NodeName, TransactionId } from "../../schema/ids.ts";
import { listScreens } from "../keymap.ts";
import type { Session } from "../session.ts";
import {
  addPreview,
  CHOICE_REQUESTS,
  openResolveForm,
  RESOLVE_CHOICES,
  type ResolveChoice,
  type ResolveForm,
} from "./resolve-form.ts";
import { addPreviews, type ItemPreview, openSettleMany } from "./settle-many-form.ts";

/** Opens the dialog that settles a transaction by hand, and asks its nodes what they would do. */
export function openResolve(session: Session, transaction: Transaction | null): void {
  const say = (text: string): void => session.change({ flash: { text, tone: "warn" } });
  if (transaction === null) {
    const screens = listScreens(session.ui.get().bindings, "or");
    return say(`what is settled by hand is a transaction: choose one in ${screens}`);
  }
  const model = session.model.get();
  const opened = formOf(session, transaction);
  const { transactionId, name, nodes } = opened;
  const status = transactionStatus(model, transaction);
  if (isFinished(status)) return say(`${name} is ${status}: there is nothing to settle by hand`);
  session.change({ dialog: { type: "resolve", form: opened } });
  for (const choice of RESOLVE_CHOICES) {
    for (const node of nodes) {
      void session.preview(node, { transactionId, ...CHOICE_REQUESTS[choice] }).then((preview) => {
        const { dialog } = session.ui.get();
        // What comes after the dialog was closed, or for an earlier one, is nobody's.
        if (dialog?.type !== "resolve" || dialog.form.nodes !== nodes) return;
        const form = addPreview(dialog.form, choice, { ...preview, node });
        session.change({ dialog: { type: "resolve", form } });
      });
    }
  }
}

/** How many transactions are settled at once at most. */
const MANY_MAX = 100;
/** Questions that are under way together. */
const ASKED_MAX = 12;
/** Answers are shown together: each alone would draw a frame. */
const GATHER_MS = 50;

/** Opens the dialog that settles all that is listed, and asks every node what it would do with each. */
export function openSettleAll(session: Session, listed: readonly Transaction[]): void {
  const model = session.model.get();
  const unfinished = listed.filter((each) => !isFinished(transactionStatus(model, each)));
  if (unfinished.length === 0) {
    return session.change({ flash: { text: "nothing that is listed here is unfinished", tone: "warn" } });
  }
  const items = unfinished.slice(0, MANY_MAX).map((each) => formOf(session, each));
  const questions = RESOLVE_CHOICES.flatMap((choice) =>
    items.flatMap(({ transactionId, nodes }) => nodes.map((node) => ({ transactionId, node, choice }))),
  );
  const form = openSettleMany(items, unfinished.length - items.length, questions.length, session.nowMs());
  session.change({ dialog: { type: "settle-many", form, opened: items } });
  void askAll(session, items, questions);
}

interface Question {
  readonly transactionId: TransactionId;
  readonly node: NodeName;
  readonly choice: ResolveChoice;
}

async function askAll(
  session: Session,
  opened: readonly ResolveForm[],
  questions: readonly Question[],
): Promise<void> {
  let waiting: ItemPreview[] = [];
  let isToBeShown = false;
  const dialogNow = () => {
    const { dialog } = session.ui.get();
    // What comes after the dialog was closed, or for an earlier one, is nobody's.
    return dialog?.type === "settle-many" && dialog.opened === opened ? dialog : null;
  };
  const show = (): void => {
    isToBeShown = false;
    const dialog = dialogNow();
    if (dialog === null) return;
    const form = addPreviews(dialog.form, waiting);
    waiting = [];
    session.change({ dialog: { ...dialog, form } });
  };
  const rest = [...questions];
  const askOn = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined && dialogNow() !== null; next = rest.shift()) {
      const { transactionId, node, choice } = next;
      const preview = await session.preview(node, { transactionId, ...CHOICE_REQUESTS[choice] });
      waiting.push({ transactionId, choice, preview: { ...preview, node } });
      if (isToBeShown) continue;
      isToBeShown = true;
      setTimeout(show, GATHER_MS);
    }
  };
  await Promise.all(Array.from({ length: ASKED_MAX }, askOn));
}

function formOf(session: Session, transaction: Transaction): ResolveForm {
  const { id: transactionId, coordinator } = transaction;
  const name = shortId(transactionId, hasManyCoordinators(session.model.get()));
  const leader = coordinator === null ? [] : [coordinator];
  const nodes = [...new Set([...leader, ...participantNames(transaction)])];
  return openResolveForm({ transactionId, name, coordinator, nodes, openedAtMs: session.nowMs() });
}
