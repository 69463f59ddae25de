/** A private authority, and a certificate that it signed for a server on loopback. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Authority {
  /** PEM files. */
  readonly files: { readonly authority: string; readonly certificate: string; readonly key: string };
  /** PEM. */
  readonly certificate: string;
}

/** @param folder that outlives the servers */
export async function makeAuthority(folder: string): Promise<Authority> {
  const at = (name: string): string => path.join(folder, name);
  const files = { authority: at('ca.crt'), certificate: at('server.crt'), key: at('server.key') };
  const newKey = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await run('openssl', [...newKey, '-subj', '/CN=ncsweep test authority', '-keyout', at('ca.key'), '-out', files.authority]);
  await run('openssl', [
    ...newKey,
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-addext', 'basicConstraints=CA:FALSE'],
    ...['-CA', files.authority, '-CAkey', at('ca.key'), '-keyout', files.key, '-out', files.certificate],
  ]);
  return { files, certificate: await readFile(files.authority, 'utf8') };
}
