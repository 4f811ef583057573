import { entryText } from "../../observe/describe.ts";
import { timeOfDayMs } from "../../observe/figures.ts";
import { exitWords, hasManyCoordinators, nodeStatus } from "../../observe/node-status.ts";
import { transactionStatus, workSummary } from "../../observe/transaction.ts";
import { whyLine } from "../../observe/why.ts";
import type { TransactionId } from "../../schema/ids.ts";
import { lineUnderCursor } from "../panes/log-pane.ts";
import { chosenRow, rowText } from "../panes/stock-pane.ts";
import { chosenNode, chosenTransaction, openedTransaction } from "../selection.ts";
import type { Session } from "../session.ts";
import { PANES } from "../ui.ts";

interface Copyable {
  readonly what: string;
  readonly text: string;
}

/** Copies what the cursor is on: its name first, its line with the next press, then the command that shows it in a shell. */
export function copyNext(session: Session): void {
  const offers = offersOf(session);
  const { copies } = session.ui.get();
  const offer = offers[copies % Math.max(1, offers.length)];
  if (offer === undefined) {
    return session.change({ flash: { text: "there is nothing under the cursor to copy", tone: "plain" } });
  }
  const next = offers[(copies + 1) % offers.length];
  const more = next === undefined || next === offer ? "" : `; again copies ${next.what}`;
  session.copy({ what: offer.what, excerpt: short(offer.text), more }, offer.text);
  session.change({ copies: copies + 1 });
}

function offersOf(session: Session): readonly Copyable[] {
  const { screen, detail } = session.ui.get();
  if (detail === null && screen === "participants") return nodeOffers(session);
  const pane = detail === null ? PANES[screen][session.ui.get().pane] : undefined;
  if (pane === "log" || pane === "events") return logOffers(session);
  if (pane === "stock" || pane === "ledger") return rowOffers(session, pane);
  return transactionOffers(session);
}

function transactionOffers(session: Session): readonly Copyable[] {
  const view = session.view();
  const transaction = openedTransaction(view) ?? chosenTransaction(view);
  if (transaction === null) return [];
  const { model } = view;
  const line = [transactionStatus(model, transaction), workSummary(transaction), whyLine(model, transaction)];
  return [
    { what: "the id", text: transaction.id },
    { what: "the line", text: [transaction.id, ...line].filter((text) => text !== "").join("  ") },
    showCommand(session, transaction.id),
  ];
}

function showCommand(session: Session, id: TransactionId): Copyable {
  return { what: "the command", text: `2pc-console tx show ${id}${session.access(null)}` };
}

function nodeOffers(session: Session): readonly Copyable[] {
  const node = chosenNode(session.view());
  if (node === null) return [];
  const url = node.view?.url ?? node.process?.url ?? "";
  const pid = node.process?.pid ?? node.view?.pid ?? null;
  const line = [node.name, exitWords(node) ?? nodeStatus(node), url, pid === null ? "" : `pid ${pid}`];
  return [
    { what: "the name", text: node.name },
    { what: "the line", text: line.filter((text) => text !== "").join("  ") },
    { what: "the command", text: `2pc-console status${session.access(node.name)}` },
  ];
}

function rowOffers(session: Session, pane: "stock" | "ledger"): readonly Copyable[] {
  const view = session.view();
  const [, name] = chosenRow(view, pane)?.split(" ") ?? [];
  const line = rowText(view, pane);
  const command = pane === "stock" ? "inventory" : "ledger";
  return [
    ...(name === undefined ? [] : [{ what: pane === "stock" ? "the SKU" : "the account", text: name }]),
    ...(line === null ? [] : [{ what: "the line", text: line }]),
    { what: "the command", text: `2pc-console ${command}${session.access(null)}` },
  ];
}

function logOffers(session: Session): readonly Copyable[] {
  const view = session.view();
  const entry = lineUnderCursor(view);
  if (entry === null) return [];
  const text = entryText(entry, hasManyCoordinators(view.model));
  const atMs = entry.type === "event" ? entry.event.atMs : entry.atMs;
  const id = entry.type === "event" ? entry.event.transactionId : null;
  return [
    { what: "the line", text: `${timeOfDayMs(atMs)} ${text}` },
    ...(id === null ? [] : [{ what: "the id", text: id }, showCommand(session, id)]),
  ];
}

function short(text: string): string {
  const [first = ""] = text.split("\n");
  return first.length > 60 ? `${first.slice(0, 60)}…` : first;
}
