import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TpcError } from "../core/errors.ts";
import { directoryCode, errnoOf } from "./errno.ts";
import { makeDirectory } from "./make-directory.ts";
import { stateDirectory } from "./state-directory.ts";

/** The secret that every node and client of one cluster shares. */
export interface Token {
  readonly token: string;
  /** The file it stands in. */
  readonly path: string;
}

export interface TokenPlace {
  /** Given with `--data`: the token is `DIR/token`. */
  readonly dataDir?: string | undefined;
  /** Given with `--token-file`: this file and no other, which must exist. */
  readonly tokenFile?: string | undefined;
}

const TOKEN = /^[!-~]{16,256}$/;
const TOKEN_FILE_BYTES_MAX = 1024;

/**
 * A node's token: the one that is there, or a new one of 32 random bytes (base64url, mode 0600). Nodes that start
 * at once agree on one. Throws TPC_TOKEN for a missing `--token-file` or a file without a token in it, TPC_CONFIG
 * for a file that others may read, TPC_DATA_DIR where it cannot be made, TPC_LOG_WRITE on a full or failing disk.
 */
export async function findOrMakeToken(place: TokenPlace): Promise<Token> {
  if (place.tokenFile !== undefined) return findToken(place);
  const path = tokenPath(place);
  const found = await readToken(path);
  if (found !== null) return { token: found, path };
  await makeToken(path);
  const made = await readToken(path);
  if (made === null) throw new TpcError("TPC_TOKEN", `${path} disappeared while it was being made`);
  return { token: made, path };
}

/** A client's token, which must be there. Throws TPC_TOKEN naming where it looked, or TPC_CONFIG as above. */
export async function findToken(place: TokenPlace): Promise<Token> {
  const path = tokenPath(place);
  const token = await readToken(path);
  if (token === null) throw new TpcError("TPC_TOKEN", `no token at ${path}`);
  return { token, path };
}

function tokenPath(place: TokenPlace): string {
  return place.tokenFile ?? join(place.dataDir ?? stateDirectory(), "token");
}

async function readToken(path: string): Promise<string | null> {
  const file = await openToken(path);
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new TpcError("TPC_TOKEN", `${path} is not a file`);
    if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, "0");
      throw new TpcError(
        "TPC_CONFIG",
        `${path} has mode ${mode}, so others can read the token; chmod 600 it`,
      );
    }
    const buffer = Buffer.alloc(TOKEN_FILE_BYTES_MAX);
    const { bytesRead } = await file.read(buffer, 0, TOKEN_FILE_BYTES_MAX, 0);
    const token = buffer.toString("utf8", 0, bytesRead).trim();
    if (token === "") throw new TpcError("TPC_TOKEN", `${path} is empty`);
    if (!TOKEN.test(token)) {
      throw new TpcError("TPC_TOKEN", `${path} holds no token: 16 to 256 printable ASCII characters`);
    }
    return token;
  } finally {
    await file.close();
  }
}

async function openToken(path: string) {
  try {
    return await open(path, "r");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw new TpcError(
      "TPC_TOKEN",
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Written beside and linked into place: nobody ever sees it half written, and the first of several wins. */
async function makeToken(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    makeDirectory(dirname(path));
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${randomBytes(32).toString("base64url")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: unknown) => {
      if (errnoOf(error) !== "EEXIST") throw error;
    });
    await unlink(draft);
  } catch (error) {
    const code = directoryCode(error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new TpcError(code, `${path} cannot be made: ${reason}`, { cause: error });
  }
}
