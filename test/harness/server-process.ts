/** Starts a real server on loopback for a test file, and ends it with the test. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { spawnBound } from './bound-process.ts';
import { cacheFolder } from './cache-folder.ts';

/** Where scripts/servers/build.sh puts its programs. */
const folder = path.join(cacheFolder, 'servers');

/** Path of a program that scripts/servers/build.sh built; absolute paths are returned unchanged. */
export const serverProgram = (name: string): string => path.resolve(folder, name);

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const startLimitMs = 60_000;
const mostTries = 3;

export class ServerProcess {
  readonly port: number;
  readonly #command: () => ChildProcess;
  #child: ChildProcess;
  #output = '';

  private constructor(port: number, command: () => ChildProcess) {
    this.port = port;
    this.#command = command;
    this.#child = this.#spawn();
  }

  /** @param program of scripts/servers/build.sh, or a path @param args may use the free port @throws when it does not answer in time */
  static async start(
    program: string,
    args: (port: number) => readonly string[] | Promise<readonly string[]>,
    environment: Readonly<Record<string, string>> = {},
    at?: number,
  ): Promise<ServerProcess> {
    const env = { ...process.env, ...environment };
    for (let tries = 1; ; tries++) {
      const port = at ?? (await freePort());
      const given = await args(port);
      const server = new ServerProcess(port, () => spawnBound(serverProgram(program), given, { env, stdio: 'pipe' }));
      try {
        await server.#ready();
        return server;
      } catch (error) {
        // Another process took the port that was free a moment ago.
        if (at !== undefined || tries === mostTries || !server.#output.includes('address already in use')) throw error;
      }
    }
  }

  /** Sends SIGKILL and starts it again on the same port, after `betweenMs`. */
  async restart(betweenMs = 0): Promise<void> {
    await this.stop('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
    this.#child = this.#spawn();
    await this.#ready();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  #spawn(): ChildProcess {
    const child = this.#command();
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (this.#output += data.toString()));
    child.on('error', (error) => (this.#output += error.message));
    return child;
  }

  async #ready(): Promise<void> {
    const until = Date.now() + startLimitMs;
    while (!(await answers(this.port))) {
      if (Date.now() > until || this.#child.exitCode !== null) {
        await this.stop('SIGKILL');
        throw new Error(`a server did not start on port ${this.port}:\n${this.#output.slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
