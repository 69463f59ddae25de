import process from 'node:process';
import yargs from 'yargs';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

/** Each command's module is loaded only when it is called, so that `--help` stays fast. */
const cli = yargs(process.argv.slice(2))
  .scriptName('ncsweep')
  .usage('$0 <command>\n\nSweeps over architecture × training × attack × epsilon × layer, for neural collapse and robustness.')
  .demandCommand(1, 'Name a command.')
  .strict()
  .recommendCommands()
  .version('0.1.0')
  .wrap(Math.min(120, process.stdout.columns))
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
