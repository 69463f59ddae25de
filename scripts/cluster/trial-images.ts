/** Images that `make cluster` makes and brings: WORKERS names those of workers for more backends than wasm. Pure. */

export const trialImages = ['orchestrator', 'cli', 'worker', 'nats', 'versitygw'] as const;

const ofWorkers = ['worker-torch', 'worker-native', 'worker-gpu'];

/**
 * @param text of WORKERS: names separated by commas or spaces
 * @throws {Error} for a name of no such image
 */
export function moreWorkers(text: string): string[] {
  const names = text.split(/[\s,]+/).filter(Boolean);
  const unknown = names.find((name) => !ofWorkers.includes(name));
  if (unknown !== undefined) throw new Error(`WORKERS: expected ${ofWorkers.join(', ')}, found ${JSON.stringify(unknown)}`);
  return [...new Set(names)];
}
