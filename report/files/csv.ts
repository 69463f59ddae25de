/** RFC 4180: comma, CRLF, quotes where needed; numbers in JavaScript's shortest form that reads back equal. */
export type CsvValue = string | number | undefined;

function field(value: CsvValue): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export const csv = (header: readonly string[], rows: readonly (readonly CsvValue[])[]): string =>
  [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
