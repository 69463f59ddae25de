import process from 'node:process';
import yargs, { type CommandModule } from 'yargs';
import { completeLine, loadModules } from './completion.ts';
import { resolveBackend } from './backends.ts';
import type { CommandTools } from './command-tools.ts';
import { readCliConfig } from './config.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { loadSweep } from './sweep-file.ts';

const { store, cacheFolder, nats, environment } = readCliConfig();
const tools: CommandTools = { loadSweep, resolveBackend, defaultStore: store, cacheFolder, nats, environment };

/** A command's module is loaded when it is called; all of them for help. In the order of a user's way. */
const commands: Readonly<Record<string, () => Promise<CommandModule<object, never>>>> = {
  validate: async () => (await import('./validate.ts')).validateCommand as never,
  plan: async () => (await import('./plan.ts')).planCommand(tools) as never,
  smoke: async () => (await import('./run.ts')).smokeCommand(tools) as never,
  run: async () => (await import('./run.ts')).runCommand(tools) as never,
  report: async () => (await import('./report.ts')).reportCommand(tools) as never,
  pull: async () => (await import('./pull.ts')).pullCommand(tools) as never,
  diff: async () => (await import('./diff.ts')).diffCommand(tools) as never,
  submit: async () => (await import('./cluster/change.ts')).submitCommand as never,
  list: async () => (await import('./cluster/look.ts')).listCommand as never,
  status: async () => (await import('./cluster/look.ts')).statusCommand as never,
  watch: async () => (await import('./cluster/watch.ts')).watchCommand(tools) as never,
  logs: async () => (await import('./cluster/logs.ts')).logsCommand(tools) as never,
  suspend: async () => (await import('./cluster/change.ts')).suspendCommand as never,
  resume: async () => (await import('./cluster/change.ts')).resumeCommand as never,
  cancel: async () => (await import('./cluster/change.ts')).cancelCommand as never,
  retry: async () => (await import('./cluster/change.ts')).retryCommand as never,
  doctor: async () => (await import('./doctor/doctor.ts')).doctorCommand(tools) as never,
  verify: async () => (await import('./verify.ts')).verifyCommand(tools) as never,
  show: async () => (await import('./show.ts')).showCommand(tools) as never,
  store: async () => (await import('./store.ts')).storeCommand(tools) as never,
  collapse: async () => (await import('./collapse.ts')).collapseCommand as never,
  dataset: async () => (await import('./dataset.ts')).datasetCommand(tools) as never,
};

const args = process.argv.slice(2);
const modules = await loadModules(commands, args);

const cli = yargs(args)
  .scriptName('ncsweep')
  .usage('$0 <command>\n\nSweeps over architecture × training × attack × epsilon × layer, for neural collapse and robustness.')
  .command(modules as never)
  .demandCommand(1, 'Name a command.')
  .strict()
  .recommendCommands()
  .completion('completion', 'Print the completion script of this shell (bash, zsh)', completeLine(modules))
  .version('0.1.0')
  .wrap(Math.min(120, process.stdout.columns || 120))
  .fail((message: string | null, error: Error | undefined) => {
    if (error) throw error;
    process.stderr.write(`${message ?? 'invalid command line'}\nSee ncsweep --help.\n`);
    process.exit(exitCodes.invalidInput);
  });

try {
  await cli.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
