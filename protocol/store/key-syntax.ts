const segment = '[A-Za-z0-9_][A-Za-z0-9._-]{0,199}';
const keyPattern = new RegExp(`^${segment}(/${segment})*$`);
const prefixPattern = new RegExp(`^(${segment}/)*(${segment})?$`);
const maxKeyLength = 900;

/** @throws TypeError for a key that is not `/`-separated segments of letters, digits, `.`, `_` and `-` (none starts with `.`) */
export function assertKey(key: string): void {
  if (key.length > maxKeyLength || !keyPattern.test(key)) throw new TypeError(`not a store key: ${JSON.stringify(key)}`);
}

/** @throws TypeError for anything but the beginning of a key */
export function assertPrefix(prefix: string): void {
  if (prefix.length > maxKeyLength || !prefixPattern.test(prefix)) {
    throw new TypeError(`not a prefix of store keys: ${JSON.stringify(prefix)}`);
  }
}
