/** Where scripts keep what they build: `servers/` and `images/`. */
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

export const cacheFolder =
  process.env['NCSWEEP_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'ncsweep');

export const imageFolder = path.join(cacheFolder, 'images');
