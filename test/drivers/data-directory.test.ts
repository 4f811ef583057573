import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ErrorCode, TpcError } from "../../src/core/errors.ts";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import type { NodeName } from "../../src/schema/ids.ts";

const LEDGER = { name: "ledger" as NodeName, kind: "ledger" } as const;
let base = "";
let path = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "2pc-directory-"));
  path = join(base, "nodes", "ledger");
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function makeOne(): { readonly storeId: string } {
  const directory = openDataDirectory(path, LEDGER);
  directory.close();
  return directory;
}

function refusal(
  node: Parameters<typeof openDataDirectory>[1] = LEDGER,
  code: ErrorCode = "TPC_DATA_DIR",
): string {
  try {
    openDataDirectory(path, node).close();
  } catch (error) {
    if (error instanceof TpcError && error.code === code) return error.message;
    throw error;
  }
  throw new Error("the directory was not refused");
}

describe("a node's directory is made once and recognised ever after", () => {
  test("a new one is its owner's alone, and gets an identity of its own", () => {
    const directory = openDataDirectory(path, LEDGER);
    expect(directory).toMatchObject({ path, name: "ledger", kind: "ledger", isNew: true });
    expect(directory.storeId).toMatch(/^[0-9a-f]{12}$/);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(path, "identity.json"), "utf8"))).toEqual({
      format: 1,
      storeId: directory.storeId,
      name: "ledger",
      kind: "ledger",
    });
    directory.close();
    const again = openDataDirectory(path, LEDGER);
    expect(again).toMatchObject({ isNew: false, storeId: directory.storeId });
    again.close();
  });

  test("an empty directory is taken, and so is one whose first start was interrupted or that holds the token", () => {
    mkdirSync(path, { recursive: true });
    for (const name of ["lock", "owner.json", "identity.json.tmp", "token"])
      writeFileSync(join(path, name), "");
    const directory = openDataDirectory(path, LEDGER);
    expect(directory.isNew).toBe(true);
    directory.close();
  });

  test("the name is freed with the lock", () => {
    makeOne();
    expect(readdirSync(path).sort()).toEqual(["identity.json", "lock"]);
  });
});

describe("a directory that is not this node's is refused in words that name it", () => {
  test("somebody else's files, and nothing is added to them", () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "thesis.txt"), "");
    expect(refusal()).toBe(`${path} is not empty and not a data directory: it holds "thesis.txt"`);
    expect(readdirSync(path)).toEqual(["thesis.txt"]);
  });

  test("a log without an identity", () => {
    mkdirSync(join(path, "log"), { recursive: true });
    expect(refusal()).toContain("whose log it is cannot be told");
  });

  test("another node's", () => {
    makeOne();
    const message = `${path} belongs to the ledger ledger, not to the ledger books`;
    expect(refusal({ name: "books" as NodeName, kind: "ledger" })).toBe(message);
  });

  test("another kind's", () => {
    makeOne();
    expect(refusal({ name: LEDGER.name, kind: "warehouse" })).toContain("not to the warehouse ledger");
  });

  test.each([
    ["a newer", 2],
    ["an older", 0],
  ])("%s format's", (age, format) => {
    makeOne();
    writeFileSync(join(path, "identity.json"), `{"format":${format},"shard":7}`);
    const message = `was written by ${age} version in format ${format}, and this version reads format 1`;
    expect(refusal(LEDGER, "TPC_FORMAT")).toBe(`${path} ${message}`);
  });

  test.each(["", "{", "[]", '{"format":1,"storeId":"short","name":"ledger","kind":"ledger"}'])(
    "an identity that is none: %j",
    (text) => {
      makeOne();
      writeFileSync(join(path, "identity.json"), text);
      expect(refusal()).toContain(join(path, "identity.json"));
    },
  );

  test("a file in its place", () => {
    path = join(base, "file");
    writeFileSync(path, "");
    expect(refusal()).toContain(path);
  });

  test("a refused directory is not kept locked", () => {
    makeOne();
    refusal({ name: "books" as NodeName, kind: "ledger" });
    expect(() => openDataDirectory(path, LEDGER).close()).not.toThrow();
  });
});

const MODULE = JSON.stringify(join(import.meta.dirname, "../../src/drivers/data-directory.ts"));
const OPEN = `
  import { openDataDirectory } from ${MODULE};
  try {
    openDataDirectory(process.argv[1], { name: "ledger", kind: "ledger" });
    process.stdout.write("opened");
  } catch (error) {
    process.stdout.write(error.code + " " + error.message);
  }
`;

/** Permissions hold back nobody who is root. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
/** Nor can anybody be held back who may not even read this checkout. */
const canLoad =
  spawnSync(process.execPath, ["--input-type=module", "--eval", `import ${MODULE}`], nobody).status === 0;

/** Opens the directory as a user whom permissions hold back. */
function openUnprivileged(): string {
  const args = ["--input-type=module", "--eval", OPEN, path];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", ...nobody });
  return stdout + stderr;
}

describe.skipIf(process.platform === "win32" || !canLoad)(
  "a directory that permissions protect is refused",
  () => {
    beforeEach(() => {
      chmodSync(base, 0o755);
      path = join(base, "ledger");
    });

    test("where it cannot be made", () => {
      chmodSync(base, 0o555);
      expect(openUnprivileged()).toMatch(new RegExp(`^TPC_DATA_DIR ${path} cannot be used: EACCES`));
    });

    test("where it cannot be read", () => {
      makeOne();
      chmodSync(path, 0o000);
      expect(openUnprivileged()).toMatch(new RegExp(`^TPC_DATA_DIR ${path} cannot be used: EACCES`));
    });

    test("where it cannot be written", () => {
      makeOne();
      chmodSync(path, 0o555);
      chmodSync(join(path, "identity.json"), 0o444);
      chmodSync(join(path, "lock"), 0o444);
      expect(openUnprivileged()).toMatch(new RegExp(`^TPC_DATA_DIR ${path} cannot be used: `));
    });
  },
);

describe("the list of peers is kept with the directory", () => {
  const nodes = [{ name: "warehouse" as NodeName, kind: "warehouse" as const, url: "ws://127.0.0.1:7421" }];

  test("it comes back after a restart", () => {
    const directory = openDataDirectory(path, LEDGER);
    expect(directory.readPeers()).toEqual([]);
    directory.writePeers(nodes);
    directory.close();
    const again = openDataDirectory(path, LEDGER);
    expect(again.readPeers()).toEqual(nodes);
    again.writePeers([]);
    expect(again.readPeers()).toEqual([]);
    again.close();
  });

  test("a list that cannot be used counts as none", () => {
    const directory = openDataDirectory(path, LEDGER);
    for (const text of ["", "[7]", "{}"]) {
      writeFileSync(join(path, "peers.json"), text);
      expect(directory.readPeers()).toEqual([]);
    }
    directory.close();
  });
});
