const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID: 48 bits of time and 80 random bits in Crockford's base 32; sorts by time. @param random at least 10 bytes */
export function ulid(atMs: number, random: Uint8Array): string {
  let value = BigInt(atMs);
  for (const byte of random.subarray(0, 10)) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 26; i++, value >>= 5n) text = alphabet[Number(value & 31n)]! + text;
  return text;
}
