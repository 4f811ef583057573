import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { TpcError } from "../core/errors.ts";
import { TEMPORARY_ENDING } from "../log/layout.ts";
import { NodeName, StoreId } from "../schema/ids.ts";
import { NodeKind } from "../schema/views.ts";
import { directoryCode, errnoOf } from "./errno.ts";
import { IDENTITY_FILE } from "./identity-file.ts";

/** The format of a data directory that this version writes and reads. */
export const DIRECTORY_FORMAT = 1;

/** What a data directory says about itself. It is written once and never changed. */
export const Identity = Type.Object({
  format: Type.Literal(DIRECTORY_FORMAT),
  storeId: StoreId,
  name: NodeName,
  kind: NodeKind,
});
export type Identity = Type.Static<typeof Identity>;

const identityValidator = Compile(Identity);

/** Reads a directory's identity; null when it has none. Throws TPC_DATA_DIR for one that is damaged, TPC_FORMAT for one of another format. */
export function readIdentity(path: string): Identity | null {
  const file = join(path, IDENTITY_FILE);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TpcError(directoryCode(error), `${file} cannot be read: ${reason}`, { cause: error });
  }
  if (identityValidator.Check(value)) return value;
  const format = typeof value === "object" && value !== null && "format" in value ? value.format : null;
  if (typeof format === "number" && format !== DIRECTORY_FORMAT) {
    const writer = format > DIRECTORY_FORMAT ? "a newer" : "an older";
    const known = `this version reads format ${DIRECTORY_FORMAT}`;
    throw new TpcError(
      "TPC_FORMAT",
      `${path} was written by ${writer} version in format ${format}, and ${known}`,
    );
  }
  throw new TpcError("TPC_DATA_DIR", `${file} is not the identity of a data directory`);
}

/** Makes an identity with a new store id, and puts it on disk. */
export function makeIdentity(path: string, name: NodeName, kind: NodeKind): Identity {
  const value: unknown = { format: DIRECTORY_FORMAT, storeId: randomBytes(6).toString("hex"), name, kind };
  const identity = identityValidator.Parse(value);
  replaceTextFile(join(path, IDENTITY_FILE), `${JSON.stringify(identity, null, 2)}\n`);
  syncDirectory(dirname(path));
  return identity;
}

/** Replaces a small file as a whole: after a crash it has its old content or the new one. */
export function replaceTextFile(path: string, text: string): void {
  const temporary = path + TEMPORARY_ENDING;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

function syncDirectory(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
