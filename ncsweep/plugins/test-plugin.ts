/** Tries a plug-in: what `ncsweep plugin test` does. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { pluginLanguage } from '@ncsweep/catalog/plugins/languages';
import { partsAlone } from '@ncsweep/catalog/plugins/part-archive';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { z } from 'zod';
import { workerProgram } from '../backends.ts';
import { readPluginFolder } from './plugin-folder.ts';

const pluginRow = z.object({
  /** `<plug-in>/<part>` */
  part: z.string(),
  language: pluginLanguage,
  /** What must hold. */
  check: z.string(),
  passed: z.boolean(),
  /** What was found instead; empty if it passed. */
  found: z.string(),
});
export type PluginRow = z.infer<typeof pluginRow>;

export interface PluginTest {
  readonly plugin: string;
  readonly identity: string;
  readonly rows: readonly PluginRow[];
}

/** Each part as workers get it, on a line of its own: files that its code does not import are not there. */
const partLines = (whole: PluginArchive): string =>
  partsAlone(whole)
    .map(({ identity, archive }) => `${JSON.stringify({ identity, ...archive })}\n`)
    .join('');

/**
 * Reads a plug-in and tries each part on a small network, with the defaults of its parameters.
 * @throws NotFoundError, InvalidInputError with every problem of its plugin.yaml, or when the program that runs plug-ins is not set up
 */
export async function testPlugin(folder: string): Promise<PluginTest> {
  const { identity, archive } = await readPluginFolder(folder);
  const child = spawn(process.execPath, [workerProgram('test-plugin')], { stdio: ['pipe', 'pipe', 'pipe'] });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.on('error', () => undefined); // its exit code says what happened
  child.stdin.end(partLines(archive));
  const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) !== 0) throw new InvalidInputError(complaint.trim());
  const lines = out.split('\n').filter((line) => line !== '');
  return { plugin: archive.manifest.plugin, identity, rows: lines.map((line) => pluginRow.parse(JSON.parse(line))) };
}
