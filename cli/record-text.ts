/** What an attempt reported, from its live records. Pure. */
import type { TaskRecord } from '@ncsweep/protocol/messages';
import { SequenceGaps } from '@ncsweep/protocol/stream/sequence-gaps';
import { detailOf } from './run-progress.ts';

const time = (ms: number): string => new Date(ms).toISOString();

function wordsOf(record: TaskRecord): string {
  switch (record.kind) {
    case 'log':
      return `${record.level}  ${record.text}`;
    case 'attempt':
      return [record.state, record.text].filter(Boolean).join('  ');
    case 'progress':
      return detailOf(record);
    case 'metric': {
      const values = Object.entries(record.values).map(([name, value]) => `${name} ${value}`);
      return values.join('  ');
    }
    default:
      return record satisfies never;
  }
}

/** Only the latest progress is shown; lost records are mentioned where they would appear. */
export function attemptText(attemptId: string, records: readonly TaskRecord[]): string {
  const gaps = new SequenceGaps(1);
  const latest = records.findLast(({ kind }) => kind === 'progress');
  const lines = records.flatMap((record) => {
    const lost = gaps.see(attemptId, record.seq);
    const isTold = record.kind !== 'progress' || record === latest;
    return [...(lost > 0 ? [`(${lost} records lost)`] : []), ...(isTold ? [`${time(record.atMs)}  ${wordsOf(record)}`] : [])];
  });
  const worker = records.findLast(({ worker: of }) => of !== undefined)?.worker;
  const head = `== attempt ${attemptId}${worker === undefined ? '' : ` of ${worker}`} without an end`;
  return `${head}\n${(lines.length === 0 ? ['(NATS has no records of it)'] : lines).join('\n')}\n`;
}
