/** CRC-32C (Castagnoli): the checksum of iSCSI, ext4 and most logs. Reflected polynomial. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = 8;

/** Eight tables of 256 entries in one array: entry `t * 256 + b` advances byte `b` over `t` further bytes. */
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
  const table = TABLE;
  let crc = before ^ -1;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    const low = view.getInt32(at, true) ^ crc;
    const high = view.getInt32(at + 4, true);
    crc =
      (table[1792 + (low & 0xff)] ?? 0) ^
      (table[1536 + ((low >>> 8) & 0xff)] ?? 0) ^
      (table[1280 + ((low >>> 16) & 0xff)] ?? 0) ^
      (table[1024 + (low >>> 24)] ?? 0) ^
      (table[768 + (high & 0xff)] ?? 0) ^
      (table[512 + ((high >>> 8) & 0xff)] ?? 0) ^
      (table[256 + ((high >>> 16) & 0xff)] ?? 0) ^
      (table[high >>> 24] ?? 0);
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ (table[(crc ^ view.getUint8(at)) & 0xff] ?? 0);
  return (crc ^ -1) >>> 0;
}
