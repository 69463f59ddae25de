import process from 'node:process';
import yargs, { type Argv } from 'yargs';
import { outliveOutput } from '@ncsweep/protocol/lost-output';
import { version } from '@ncsweep/protocol/version';
import { thisMachine } from 'ncsweep/machine';
import { completeLine, loadModules } from './completion.ts';
import { commandText } from './command-text.ts';
import type { CommandTools } from './command-tools.ts';
import { readNatsDefaults, readProgram } from './config.ts';
import type { Command } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

outliveOutput(process.stderr);
const lostOutput = outliveOutput(process.stdout);
// A command that set its exit code did more than print, so that code is kept.
process.once('exit', () => {
  const lost = lostOutput();
  if (lost === undefined) return;
  process.stderr.write(`The output is incomplete: ${lost}. Remedy: free space, or send it elsewhere.\n`);
  process.exitCode ??= exitCodes.error;
});

const args = process.argv.slice(2);
const program = readProgram();
const commandLine = commandText(program, ...args);
const tools: CommandTools = { ...thisMachine(), nats: readNatsDefaults(), program, commandLine };

/** A command's module is loaded when the command is called. */
const commands: Readonly<Record<keyof typeof listedCommands, () => Promise<Command>>> = {
  validate: async () => (await import('./validate.ts')).validateCommand(tools),
  plan: async () => (await import('./plan.ts')).planCommand(tools),
  smoke: async () => (await import('./run.ts')).smokeCommand(tools),
  run: async () => (await import('./run.ts')).runCommand(tools),
  dash: async () => (await import('./dash.ts')).dashCommand(tools),
  report: async () => (await import('./report.ts')).reportCommand(tools),
  pull: async () => (await import('./pull.ts')).pullCommand(tools),
  diff: async () => (await import('./diff.ts')).diffCommand(tools),
  submit: async () => (await import('./cluster/change.ts')).submitCommand(tools),
  list: async () => (await import('./cluster/look.ts')).listCommand,
  status: async () => (await import('./cluster/look.ts')).statusCommand,
  watch: async () => (await import('./cluster/watch.ts')).watchCommand(tools),
  logs: async () => (await import('./cluster/logs.ts')).logsCommand(tools),
  suspend: async () => (await import('./cluster/change.ts')).suspendCommand,
  resume: async () => (await import('./cluster/change.ts')).resumeCommand,
  cancel: async () => (await import('./cluster/change.ts')).cancelCommand,
  adopt: async () => (await import('./cluster/adopt.ts')).adoptCommand(tools),
  retry: async () => (await import('./cluster/change.ts')).retryCommand,
  doctor: async () => (await import('./doctor/doctor.ts')).doctorCommand(tools),
  verify: async () => (await import('./verify.ts')).verifyCommand(tools),
  show: async () => (await import('./show.ts')).showCommand(tools),
  store: async () => (await import('./store.ts')).storeCommand(tools),
  collapse: async () => (await import('./collapse.ts')).collapseCommand,
  contract: async () => (await import('./contract.ts')).contractCommand,
  plugin: async () => (await import('./plugin.ts')).pluginCommand(tools),
  dataset: async () => (await import('./dataset.ts')).datasetCommand(tools),
};

const modules = await loadModules(commands, args);

// A shell completes a command wherever it is, so its script needs a name that works in every folder.
const scriptName = args[0] === 'completion' ? 'ncsweep' : program;
const usage = 'Sweeps over architecture × training × attack × epsilon × layer, for neural collapse and robustness.';
const cli = modules
  .reduce((line: Argv, command) => command.addTo(line), yargs(args).scriptName(scriptName).usage(`$0 <command>\n\n${usage}`))
  .demandCommand(1, 'Name a command.')
  .strict()
  .recommendCommands()
  .completion('completion', 'Print the completion script of this shell (bash, zsh)', completeLine(modules))
  .version(version)
  .wrap(Math.min(120, process.stdout.columns || 120))
  .fail((message: string | null, error: Error | undefined) => {
    if (error) throw error;
    const command = Object.keys(listedCommands).find((name) => name === args[0]);
    const missing = message?.startsWith('Not enough non-option arguments') === true;
    const what = missing ? `${command ?? program}: an argument is missing.` : (message ?? 'invalid command line');
    process.stderr.write(`${what}\nSee ${commandText(program, ...(command === undefined ? [] : [command]), '--help')}.\n`);
    process.exit(exitCodes.invalidInput);
  });

try {
  await cli.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
