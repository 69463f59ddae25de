/** Runs every study, one after the other, and writes their gallery, docs/studies/index.html. What the store has is not computed again. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { headline } from '@ncsweep/report/aggregate/verdict-lines';
import { loadSweep, runSweep, verdictLines, type SweepReport } from 'ncsweep';
import { gallery, type ShownStudy } from './studies/gallery.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const gallerySite = path.join(root, 'docs/studies');

/** The figure of each that shows most at a glance, by its file in figures/ without the extension. */
const figures: Readonly<Record<string, string>> = {
  'review-metrics': 'by-loss-nc1-training-data-log',
  'layer-peeled': 'minority-collapse-cosines-between-classifiers',
  'gradient-starvation': 'starvation-test-data-where-the-easy-feature-misleads',
  'conv-emergence': 'fields-inverse-participation-ratio-log',
};

async function figureOf(name: string, folder: string): Promise<ShownStudy['figure']> {
  const file = figures[name];
  if (file === undefined) throw new TypeError(`scripts/studies.ts names no figure for ${name}: choose one of ${folder}/figures`);
  return {
    title: `${name}: ${file.replaceAll('-', ' ')}`,
    svg: await readFile(path.join(folder, 'figures', `${file}.svg`), 'utf8'),
  };
}

async function shown({ tables, verdicts }: SweepReport, folder: string): Promise<ShownStudy> {
  const { name, question, seeds } = tables.sweep;
  return {
    name,
    href: `../../studies/${name}/README.md`,
    question,
    claims: verdicts.sets.map(({ set }) => `${set.name}: ${set.summary}`).join('; '),
    verdicts: verdicts.sets.flatMap(({ strata }) =>
      strata.flatMap(({ roles, verdicts: each }) =>
        each.map((verdict) => ({
          number: verdict.claim.number,
          short: verdict.claim.short,
          outcome: verdict.outcome,
          text: headline(verdict, roles.epsilon?.label),
        })),
      ),
    ),
    backend: [...new Set(tables.cells.map(({ backend }) => backend))].join(', '),
    seconds: tables.cells.reduce((sum, { computeMs = 0 }) => sum + computeMs, 0) / 1000,
    seeds: seeds.length,
    figure: await figureOf(name, folder),
  };
}

async function ran(file: string): Promise<ShownStudy> {
  const sweep = await loadSweep(path.join(root, file));
  const folder = path.join(root, 'out', sweep.name);
  process.stdout.write(`${file}\n`);
  const { report, parked, elapsedMs } = await runSweep(sweep, { report: folder });
  if (report === undefined || parked.size > 0) throw new Error(`${file} did not finish: ${[...parked.values()].join('; ')}`);
  process.stdout.write(`${[...verdictLines(report), `  ${Math.round(elapsedMs / 1000)} s`].join('\n')}\n`);
  return shown(report, folder);
}

const names = (await readdir(path.join(root, 'studies'))).toSorted();
const studies: ShownStudy[] = [];
for (const name of names) studies.push(await ran(`studies/${name}/sweep.yaml`));
await mkdir(gallerySite, { recursive: true });
await writeFile(path.join(gallerySite, 'index.html'), gallery(studies));
process.stdout.write(`${path.join(gallerySite, 'index.html')}\n`);
