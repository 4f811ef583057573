import { join } from "node:path";
import { test } from "vitest";
import { exploreOptions } from "../../src/cli/explore-program.ts";
import { FILTER_SYNTAX } from "../../src/console/filter.ts";
import { KEYMAP } from "../../src/console/keymap.ts";
import { REPLAY_KEYMAP } from "../../src/console/replay/bindings.ts";
import { ERROR_CODES } from "../../src/core/errors.ts";
import { RETRYABLE } from "../../src/core/reasons.ts";
import { FAULTS } from "../../src/schema/faults.ts";
import { PROTOCOL_MESSAGES } from "../../src/schema/protocol.ts";
import { LOG_RECORDS } from "../../src/schema/records.ts";
import { SESSION_MESSAGES } from "../../src/schema/session.ts";
import { invariantsTable, proofsTable } from "../mutants/tables.ts";
import { EXTENT_HEAD, extentRows } from "../sim/core-model/extents.ts";
import { expectFresh, table } from "./generated.ts";
import { dashboard } from "./screen.ts";
import { coordinatorDiagram, participantDiagram } from "./state-diagrams.ts";

// The README's tables and diagrams are made from the code's own. `DOCS_UPDATE=1` writes them anew.
const path = join(import.meta.dirname, "../../README.md");

const SECTIONS: Record<string, () => string> = {
  screen: dashboard,
  invariants: invariantsTable,
  proofs: proofsTable,
  "explore-long": () => table(EXTENT_HEAD, extentRows()),
  "coordinator-states": coordinatorDiagram,
  "participant-states": participantDiagram,
  keys: () =>
    table(
      ["key", "does", "command"],
      KEYMAP.map(({ command, keys, help }) => [
        (keys.length === 0 ? [`:${command}`] : keys).map((key) => `\`${key}\``).join(" "),
        help,
        command,
      ]),
    ),
  filter: () =>
    table(
      ["filter", "leaves"],
      FILTER_SYNTAX.map(([form, meaning]) => [`\`${form}\``, meaning]),
    ),
  "replay-keys": () =>
    table(
      ["key", "does", "command"],
      REPLAY_KEYMAP.map(({ command, keys, help }) => [
        keys.map((key) => `\`${key}\``).join(" "),
        help,
        command,
      ]),
    ),
  errors: () =>
    table(
      ["code", "exit status", "next step"],
      Object.entries(ERROR_CODES).map(([code, { exitCode, hint }]) => [
        `\`${code}\``,
        String(exitCode),
        hint,
      ]),
    ),
  reasons: () =>
    table(
      ["code", "tried again"],
      Object.entries(RETRYABLE).map(([code, retryable]) => [
        `\`${code}\``,
        retryable ? "yes: transient" : "no: invalid",
      ]),
    ),
  faults: () =>
    table(
      ["fault", "what happens"],
      Object.entries(FAULTS).map(([fault, text]) => [`\`${fault}\``, text]),
    ),
  "protocol-messages": () => shapes(PROTOCOL_MESSAGES),
  "session-messages": () => shapes(SESSION_MESSAGES),
  "explore-options": () =>
    table(
      ["option of `explore`", "what it chooses", "where it is not given"],
      exploreOptions().map(({ option, byDefault }) => [`\`${option.flags}\``, option.description, byDefault]),
    ),
  records: () => shapes(LOG_RECORDS),
};

test.each(Object.entries(SECTIONS))("the README's %s are those of the code", (name, make) => {
  expectFresh(path, name, make());
});

/** One line a schema: its fields, optional ones with a question mark. */
function shapes(
  schemas: Record<string, { readonly properties: object; readonly required?: readonly string[] }>,
): string {
  return table(
    ["type", "fields"],
    Object.entries(schemas).map(([type, { properties, required = [] }]) => {
      const fields = Object.keys(properties).filter((field) => field !== "type");
      return [
        `\`${type}\``,
        fields.map((field) => `${field}${required.includes(field) ? "" : "?"}`).join(", ") || "none",
      ];
    }),
  );
}
