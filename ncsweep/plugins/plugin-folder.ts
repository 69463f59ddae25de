/** Reads the folder of a plug-in. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { identityOf, mostArchiveBytes, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { readManifest } from '@ncsweep/orchestrator/planning/spec/read-manifest';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import { encodeJson } from '@ncsweep/protocol/json-bytes';

/** The name of the file that makes a folder a plug-in. */
export const manifestName = 'plugin.yaml';

const mostFiles = 200;

export interface Plugin {
  readonly identity: string;
  readonly archive: PluginArchive;
}

/** Tests, hidden files and what Python makes are no part of a plug-in. */
const isLeftOut = (name: string): boolean =>
  name.split('/').some((part) => /^(\.|__pycache__$|tests?$|build$|dist$|venv$|node_modules$)|\.egg-info$/.test(part)) ||
  /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$|\.(test|spec|d|config)\.ts$/.test(name);

/** Paths of the code files of a folder, with "/" between their parts. */
async function codeFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(py|ts)$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => !isLeftOut(name))
    .sort();
}

async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInputError(`${file}: not UTF-8; expected code in UTF-8. Remedy: save it as UTF-8`, { cause });
  }
}

async function codeTexts(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await codeFiles(folder);
  if (names.length > mostFiles)
    throw new InvalidInputError(
      `${folder}: ${names.length} files of code; a plug-in has at most ${mostFiles}. Remedy: give it a folder of its own`,
    );
  const texts = new Map<string, string>();
  for (const name of names) texts.set(name, await textOf(path.join(folder, name)));
  return texts;
}

function checkSize(archive: PluginArchive, folder: string): void {
  const sizeBytes = encodeJson(archive).length;
  if (sizeBytes > mostArchiveBytes)
    throw new InvalidInputError(
      `${folder}: ${sizeBytes} bytes of code; a plug-in has at most ${mostArchiveBytes}. Remedy: data and weights do not belong into code`,
    );
}

/**
 * Reads a plug-in: its plugin.yaml and all Python and TypeScript files but tests.
 * @throws NotFoundError when the folder has no plugin.yaml; InvalidInputError with every problem of it
 */
export async function readPluginFolder(folder: string): Promise<Plugin> {
  const file = path.join(folder, manifestName);
  const bytes = await readFile(file).catch((cause: unknown) => {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new NotFoundError(
      `${file}: ${code === 'ENOENT' ? 'no such file' : code}; a plug-in is a folder with a ${manifestName}`,
      {
        cause,
      },
    );
  });
  const files = await codeTexts(folder);
  const archive = { v: 1, manifest: readManifest(bytes, file, files), files: Object.fromEntries(files) } as const;
  checkSize(archive, folder);
  return { identity: identityOf(archive), archive };
}
