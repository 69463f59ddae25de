/** Prints the backends that can be opened here as a JSON list, for a planner on this machine. */
import process from 'node:process';
import { availableBackends } from './backend/available-backends.ts';

process.stdout.write(`${JSON.stringify(availableBackends())}\n`);
