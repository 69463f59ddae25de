/** Kubernetes quantities such as "16Gi" or "500m". */
const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** @returns undefined if the text is not a quantity */
export function parseQuantity(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const value = Number(number) * (units[unit] ?? NaN);
  return number === '' || Number.isNaN(value) ? undefined : value;
}

/** A whole number of MiB. */
export const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)}Mi`;
