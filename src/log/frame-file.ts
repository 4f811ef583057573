import { join } from "node:path";
import {
  CHECKPOINT_PAYLOAD_BYTES_MAX,
  checksumOf,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  type FrameType,
  frameBytes,
  otherVersion,
  readFrame,
  sealFrameInSteps,
} from "../codec/frame.ts";
import { type LogFiles, logWriteError, writeAll } from "./files.ts";
import { TEMPORARY_ENDING } from "./layout.ts";

/** What a file that is one single frame says. */
export type FrameFile =
  | { readonly found: "nothing" }
  | { readonly found: "damage"; readonly message: string; readonly isOtherFormat: boolean }
  | {
      readonly found: "frame";
      readonly header: FrameHeader;
      readonly payload: Uint8Array;
      readonly checksum: number;
    };

/** Reads a file that must be one whole frame of the given type and store. */
export async function readFrameFile(
  files: LogFiles,
  path: string,
  type: FrameType,
  store: number,
): Promise<FrameFile> {
  const bytes = await files.read(path);
  if (bytes === null) return { found: "nothing" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frame = readFrame(view, 0, CHECKPOINT_PAYLOAD_BYTES_MAX);
  if (!frame.valid && frame.problem === "version") {
    return { ...damage(`the ${type} was ${otherVersion(frame.version)}`), isOtherFormat: true };
  }
  if (!frame.valid) return damage(`the ${type} cannot be read (${frame.problem})`);
  if (frame.end !== bytes.length) return damage(`the ${type} has bytes too many`);
  if (frame.header.type !== type) return damage(`not a ${type}`);
  if (frame.header.store !== store) return damage(`the ${type} is of another store`);
  return {
    found: "frame",
    header: frame.header,
    payload: bytes.subarray(frame.payloadStart, frame.payloadEnd),
    checksum: frame.checksum,
  };
}

function damage(message: string) {
  return { found: "damage", message, isOtherFormat: false } as const;
}

/** The moments of an atomic replacement at which a crash leaves something different behind. */
export type ReplaceStep = "written" | "forced" | "renamed" | "synced";

/**
 * Replaces a file as a whole: temporary file, fsync, rename, directory fsync. A crash leaves the old content or the new.
 * Throws TPC_LOG_WRITE.
 */
export async function replaceFile(
  files: LogFiles,
  folder: string,
  name: string,
  bytes: Uint8Array,
  reached: (step: ReplaceStep) => void,
): Promise<void> {
  const path = join(folder, name);
  const temporary = path + TEMPORARY_ENDING;
  let doing = "write";
  try {
    await createFile(files, temporary, bytes, reached);
    doing = "rename to";
    await files.rename(temporary, path);
    reached("renamed");
    doing = "sync the directory of";
    await files.syncDirectory(folder);
    reached("synced");
  } catch (error) {
    throw logWriteError(doing, path, error);
  }
}

/** Makes a file that must not exist yet, and resolves when its content is on disk; its name need not be. Throws TPC_LOG_WRITE. */
async function createFile(
  files: LogFiles,
  path: string,
  bytes: Uint8Array,
  reached: (step: "written" | "forced") => void,
): Promise<void> {
  let doing = "create";
  try {
    const file = await files.create(path);
    try {
      doing = "write";
      await writeAll(file, bytes, 0);
      reached("written");
      doing = "sync";
      await file.datasync();
      reached("forced");
    } catch (error) {
      // Whoever waits for the log hears of it at once; whether closing works no longer matters.
      file.close().catch(() => undefined);
      throw error;
    }
    await file.close();
  } catch (error) {
    throw logWriteError(doing, path, error);
  }
}

/** Makes a file of one frame; see `createFile`. Resolves with the frame's checksum. */
export async function createFrameFile(
  files: LogFiles,
  folder: string,
  name: string,
  header: FrameHeader,
  payload: Uint8Array,
  reached: (step: "written" | "forced") => void,
): Promise<number> {
  const bytes = encodeFrame(header, payload);
  await createFile(files, join(folder, name), bytes, reached);
  return checksumOf(bytes);
}

/** Bytes of a long frame that are copied or summed in one go. */
const STEP_BYTES = 256 * 1024;

/**
 * Replaces a file by one frame, whose payload comes in parts. Where these are many, it pauses while it puts them together.
 * Throws TPC_LOG_WRITE.
 */
export async function writeFrameFile(
  files: LogFiles,
  folder: string,
  name: string,
  header: FrameHeader,
  payload: readonly Uint8Array[],
  reached: (step: ReplaceStep) => void,
  pause: () => Promise<void>,
): Promise<void> {
  const payloadBytes = payload.reduce((sum, part) => sum + part.length, 0);
  // Every byte of it is written below; to clear hundreds of megabytes first would hold the loop up.
  const bytes = Buffer.allocUnsafeSlow(frameBytes(payloadBytes));
  let at = FRAME_HEADER_BYTES;
  for (const part of payload) {
    if (at > FRAME_HEADER_BYTES) await pause();
    bytes.set(part, at);
    at += part.length;
  }
  for (const _ of sealFrameInSteps(new DataView(bytes.buffer), header, payloadBytes, STEP_BYTES))
    await pause();
  return replaceFile(files, folder, name, bytes, reached);
}
