/** The completion scripts, as a shell runs them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const programs = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

/** What a Tab after these words offers. */
async function inBash(...words: readonly string[]): Promise<string[]> {
  const script = `source <(ncsweep completion)
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ncsweep_yargs_completions; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('/bin/bash', ['-c', script, 'bash', ...words]);
}

async function inZsh(...words: readonly string[]): Promise<string[]> {
  const script = `compdef() { }; _describe() { print -rl -- \${(P)2} }; _default() { }
source <(ncsweep completion)
words=("$@"); CURRENT=$#; _ncsweep_yargs_completions`;
  const offered = await run('/usr/bin/zsh', ['-f', '-c', script, 'zsh', ...words]);
  const last = words.at(-1) ?? '';
  return offered.map((each) => each.split(':')[0] ?? '').filter((each) => each.startsWith(last));
}

async function run(shell: string, args: readonly string[]): Promise<string[]> {
  const env = { ...process.env, SHELL: shell, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
  const { stdout } = await promisify(execFile)(shell, args, { env });
  return stdout.split('\n').filter(Boolean);
}

describe.each([
  ['bash', '/bin/bash', inBash],
  ['zsh', '/usr/bin/zsh', inZsh],
])('a Tab in %s', (_, shell, offered) => {
  it.skipIf(!existsSync(shell)).each([
    ['a command', ['ncsweep', 'wat'], ['watch']],
    ['a command of a command', ['ncsweep', 'store', 'g'], ['gc']],
    ['an option', ['ncsweep', 'watch', 'quickstart', '--time'], ['--timeout']],
    ['a value', ['ncsweep', 'suspend', 'quickstart', '-o', 'n'], ['name']],
    ['files, by the shell itself', ['ncsweep', 'validate', ''], []],
  ])('completes %s', async (__, words, expected) => expect(await offered(...words)).toEqual(expected));
});
