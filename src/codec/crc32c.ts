/** CRC-32C (Castagnoli): the checksum of iSCSI, ext4 and most logs. Reflected polynomial. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = 16;

/** Sixteen tables of 256 entries in one array: entry `t * 256 + b` advances byte `b` over `t` further bytes. */
const TABLE = buildTables();

function buildTables(): Int32Array {
  const table = new Int32Array(TABLES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at += 1) {
    const before = table[at - 256] ?? 0;
    table[at] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}

/**
 * The checksum of the bytes from `start` up to, not including, `end`, as an unsigned 32-bit number; with `before`, of all bytes
 * that gave it and these after them.
 */
export function crc32c(view: DataView, start: number, end: number, before = 0): number {
  let crc = before ^ -1;
  let at = start;
  for (const last = end - 16; at <= last; at += 16) {
    crc =
      advance(view.getInt32(at, true) ^ crc, 12) ^
      advance(view.getInt32(at + 4, true), 8) ^
      advance(view.getInt32(at + 8, true), 4) ^
      advance(view.getInt32(at + 12, true), 0);
  }
  for (const last = end - 4; at <= last; at += 4) crc = advance(view.getInt32(at, true) ^ crc, 0);
  for (; at < end; at += 1) crc = (crc >>> 8) ^ (TABLE[(crc ^ view.getUint8(at)) & 0xff] ?? 0);
  return (crc ^ -1) >>> 0;
}

/** Four bytes, advanced over so many further ones. */
function advance(word: number, further: number): number {
  const first = further * 256;
  return (
    (TABLE[first + 768 + (word & 0xff)] ?? 0) ^
    (TABLE[first + 512 + ((word >>> 8) & 0xff)] ?? 0) ^
    (TABLE[first + 256 + ((word >>> 16) & 0xff)] ?? 0) ^
    (TABLE[first + (word >>> 24)] ?? 0)
  );
}
