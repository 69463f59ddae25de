/** Numbers and times as the page writes them. Pure. */

/** Four significant digits, without needless zeros. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export const countText = (count: number): string => count.toLocaleString('en').replaceAll(',', '\u202f');

/** 80 s → "1 min 20 s" */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

/** The time of day where the reader is. */
export const timeText = (ms: number): string => new Date(ms).toLocaleTimeString('en-GB');

export const dateText = (ms: number): string =>
  new Date(ms).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export const stateWords = { waiting: 'waiting', running: 'running', done: 'done', parked: 'failed', blocked: 'blocked' } as const;
