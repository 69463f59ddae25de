/** RFC 4180 in UTF-8: comma, CRLF, quotes where needed; numbers in JavaScript's shortest form that reads back equal. */
export type CsvValue = string | number | undefined;

/** Number of characters to encode at once. */
const pieceLength = 1 << 20;

function field(value: CsvValue): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

const line = (row: readonly CsvValue[]): string => `${row.map(field).join(',')}\r\n`;

/** Returns bytes, because a string of a million trials would approach the maximum string length. */
export function csv<T>(header: readonly string[], records: readonly T[], row: (record: T) => readonly CsvValue[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  let text = line(header);
  for (const record of records) {
    text += line(row(record));
    if (text.length < pieceLength) continue;
    pieces.push(Buffer.from(text));
    text = '';
  }
  return Buffer.concat([...pieces, Buffer.from(text)]);
}
