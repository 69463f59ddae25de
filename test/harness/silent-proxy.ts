/** A TCP server on loopback that passes everything on, until it is told to fall silent: then it accepts connections and never answers. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export class SilentProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  #isSilent: boolean;
  /** How many connections were ever made to it. */
  connections = 0;

  private constructor(server: Server, sockets: Set<Socket>, isSilent: boolean) {
    this.#server = server;
    this.#sockets = sockets;
    this.#isSilent = isSilent;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param port to pass on to; if undefined, the proxy is silent from the start */
  static async start(port?: number): Promise<SilentProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      keep(sockets, client);
      proxy.connections += 1;
      if (proxy.#isSilent || port === undefined) return;
      const upstream = connect(port, '127.0.0.1');
      keep(sockets, upstream);
      client.on('data', (data) => proxy.#isSilent || upstream.write(data));
      upstream.on('data', (data) => proxy.#isSilent || client.write(data));
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new SilentProxy(server, sockets, port === undefined);
    return proxy;
  }

  /** Requests under way are no longer answered either. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  /** Passes new connections on again; earlier ones are cut. */
  answerAgain(): void {
    this.#isSilent = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
}
