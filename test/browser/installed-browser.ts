/** The browser that is installed on this machine. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { chromium, type Browser } from 'playwright-core';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The same choice as in scripts/setup-browser.sh: NCSWEEP_CHROMIUM, else the first one installed. */
function installedBrowser(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
  return process.env['NCSWEEP_CHROMIUM'] ?? found ?? '/usr/bin/chromium';
}

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath: installedBrowser(), args: flags });
