/** The story of a trial or cell as text for people. */
import type { Attempt, CellStory, StoredStory, TrialStory } from '@ncsweep/orchestrator/engine/story/story';

type Field = readonly [name: string, value: string];

const fields = (entries: readonly Field[]): string[] => entries.map(([name, value]) => `${name.padEnd(12)}${value}`);
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const time = (ms: number): string => new Date(ms).toISOString();
const pairs = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

/** Nested params, one line per group, so that a long id never hides a short number. */
function paramLines(params: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(params).map(([name, value]) => {
    const flat = typeof value === 'object' && value !== null ? JSON.stringify(value).replaceAll('"', '') : String(value);
    return `${name}: ${flat}`;
  });
}

function attemptLine({ attemptId, start, end }: Attempt): string {
  const began = start === undefined ? '' : `started ${time(start.startedAt)} by ${start.worker} on ${start.node}`;
  const ended =
    end === undefined ? 'no end written (running, or killed)' : [end.outcome, end.class, end.message].filter(Boolean).join(' ');
  return [attemptId, began, ended].filter(Boolean).join('  ');
}

function resultLines({ result, resultSha256 }: StoredStory): string[] {
  if (result === undefined) return [];
  const { numerics, times, scalars, scienceVersions, buildId } = result;
  return [
    ...fields([
      ['result', `sha256 ${resultSha256 ?? ''}`],
      ['attempt', result.attemptId],
      ['numerics', `${numerics.backend}, ${numerics.threads} thread(s) on ${numerics.device}, batch ${numerics.batchSize}`],
      ['versions', `${pairs(numerics.versions)}; build ${buildId}; science ${pairs(scienceVersions)}`],
      ['times', `${time(times.startMs)} to ${time(times.endMs)}, computing ${(times.computeMs / 1000).toFixed(1)} s`],
      ['scalars', pairs(scalars)],
    ]),
    'artifacts',
    ...indent(result.artifacts.map((a) => `${a.name}  ${a.sizeBytes} bytes  sha256 ${a.sha256}  ${a.key}`)),
  ];
}

function failureLines({ failure }: StoredStory): string[] {
  if (failure === undefined) return [];
  const step = failure.atStep === undefined ? '' : ` at step ${failure.atStep}`;
  return [
    ...fields([['failure', `${failure.class}${step}: ${failure.message} (${time(failure.atMs)})`]]),
    'last lines of its log',
    ...indent(failure.logTail.trimEnd().split('\n')),
  ];
}

function storedLines(story: StoredStory): string[] {
  const attempts = story.attempts.length === 0 ? [] : ['attempts', ...indent(story.attempts.map(attemptLine))];
  return [...attempts, ...resultLines(story), ...failureLines(story)];
}

function cellLines(story: CellStory): string[] {
  const reason = story.reason === undefined ? '' : `: ${story.reason}`;
  return [
    `${story.kind} cell ${story.cellId}`,
    ...fields([
      ['sweep', story.sweep],
      ['what', story.label],
      ['state', `${story.state}${reason}`],
      ['wanted on', pairs(story.numerics)],
    ]),
    'params',
    ...indent(paramLines(story.params)),
    ...(story.inputs.length === 0 ? [] : ['inputs', ...indent(story.inputs.map((i) => `${i.cellId}  ${i.state}  ${i.label}`))]),
    ...storedLines(story),
  ];
}

function trialLines({ trialId, layer, pooling, labels, metrics, cell }: TrialStory): string[] {
  const scalars = metrics.filter(({ row }) => row < 0);
  const width = Math.max(0, ...scalars.map(({ metric }) => metric.length)) + 2;
  return [
    `trial ${trialId}`,
    ...fields([['row', `layer ${layer}, pooling ${pooling}, labels ${labels}`]]),
    ...(scalars.length === 0
      ? []
      : ['metrics', ...indent(scalars.map(({ metric, value }) => metric.padEnd(width) + String(value)))]),
    '',
    ...cellLines(cell),
  ];
}

export function storyText(story: CellStory | TrialStory | StoredStory): string {
  if ('trialId' in story) return `${trialLines(story).join('\n')}\n`;
  if ('state' in story) return `${cellLines(story).join('\n')}\n`;
  return `${[`cell ${story.cellId}`, 'No sweep that was run with this store contains it.', ...storedLines(story)].join('\n')}\n`;
}
