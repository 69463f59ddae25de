/**
 * Tries the parts of a plug-in in the languages that they have: a line for the archive of each part on standard input, and for each check
 * on standard output.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { backends } from '@ncsweep/catalog/backends';
import { pluginArchive } from '@ncsweep/catalog/plugins/archive';
import { identity } from '@ncsweep/catalog/plugins/names';
import { languagesOf } from '@ncsweep/catalog/plugins/part-code';
import { openBackend } from './backend/backend.ts';
import { torchPython } from './backend/torch-python.ts';
import { checkPart, type TriedPart } from './plugin/check-plugin.ts';

const withIdentity = pluginArchive.extend({ identity });

/** A part that is tried in Python, with what it computed in TypeScript where it has that too. */
type InPython = TriedPart & { readonly other?: readonly number[] | undefined };

async function inTypeScript(parts: readonly TriedPart[]): Promise<readonly InPython[]> {
  const there = parts.filter(({ manifest }) => languagesOf(manifest.parts[0]!).includes('TypeScript'));
  if (there.length > 0) await openBackend('wasm', { threads: 1 });
  const outputs = new Map<TriedPart, readonly number[] | undefined>();
  for (const tried of there) {
    const { rows, output } = await checkPart(tried);
    outputs.set(tried, output);
    for (const { part, check, problem } of rows)
      process.stdout.write(
        `${JSON.stringify({ part, language: 'TypeScript', check, passed: problem === undefined, found: problem ?? '' })}\n`,
      );
  }
  const further = parts.filter(({ manifest }) => languagesOf(manifest.parts[0]!).includes('Python'));
  return further.map((tried) => ({ ...tried, other: outputs.get(tried) }));
}

/** @returns the exit code */
function inPython(parts: readonly InPython[]): Promise<number> {
  const python = torchPython();
  if (python === undefined) {
    process.stderr.write(
      `plug-ins in Python are tried with PyTorch, which is not set up here. Remedy: run "${backends['torch-cpu'].setUp}"\n`,
    );
    return Promise.resolve(78);
  }
  const child = spawn(python, ['-P', '-m', 'ncsweep_torch.plugin.check'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.on('error', () => undefined); // its exit code says what happened
  child.stdin.end(parts.map((part) => `${JSON.stringify(part)}\n`).join(''));
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

const parts: TriedPart[] = [];
for await (const line of createInterface({ input: process.stdin })) parts.push(withIdentity.parse(JSON.parse(line)));
const further = await inTypeScript(parts);
process.exitCode = further.length === 0 ? 0 : await inPython(further);
