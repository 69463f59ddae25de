/**
 * Who may see the page: a browser on this machine that came by the address which the command printed. Pure.
 *
 * The token in that address is good for one visit, which turns it into a cookie; then it means nothing any more, wherever it was logged.
 * The Host header must name this server, so that a foreign page whose name was rebound to 127.0.0.1 gets nothing; the cookie is strict and
 * what other sites request is refused. Nothing changes anything, so there is nothing to forge.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Visit {
  readonly method: string | undefined;
  /** Path and query as sent. */
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly cookie: string | undefined;
  readonly origin?: string | undefined;
  /** The header Sec-Fetch-Site. */
  readonly site?: string | undefined;
}

export interface Lock {
  readonly port: number;
  /** Further names by which the server is reached, such as that of a service. */
  readonly hosts: readonly string[];
  /** Good for one visit; undefined while none is out. */
  readonly token: string | undefined;
  /** What the cookie of a browser that came by the token says. */
  readonly session: string;
}

export type Ruling =
  | { readonly kind: 'open'; readonly path: string; readonly query: URLSearchParams }
  /** The token was right: set the cookie, and lead to the page without it. */
  | { readonly kind: 'welcome' }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 405 | 421; readonly reason: string };

const refused = (status: 400 | 403 | 405 | 421, reason: string): Ruling => ({ kind: 'refused', status, reason });

/** Browsers keep cookies by host alone, so that servers on other ports need other names. */
export const cookieName = (port: number): string => `ncsweep-dash-${port}`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Takes as long whatever the difference. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const isOwnHost = (host: string | undefined, { port, hosts }: Lock): boolean =>
  host !== undefined &&
  [...['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`), ...hosts].includes(host.toLowerCase());

function cookieOf(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

/** The path and query of a visit. @returns undefined for what is neither */
const urlOf = (url = '/'): URL | undefined => URL.parse(url, 'http://page.invalid') ?? undefined;

const isForeign = ({ site, origin, host }: Visit): boolean =>
  (site !== undefined && site !== 'same-origin' && site !== 'none') ||
  (origin !== undefined && origin !== `http://${host ?? ''}`);

export function rule(visit: Visit, lock: Lock): Ruling {
  const { method, host } = visit;
  if (!isOwnHost(host, lock))
    return refused(421, `This server answers to its own address only, not to "${(host ?? '').slice(0, 80)}".`);
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'This page only shows: nothing can be sent to it.');
  const url = urlOf(visit.url);
  if (url === undefined) return refused(400, 'The path is not one.');
  const session = cookieOf(visit.cookie, cookieName(lock.port));
  const isKnown = session !== undefined && isSame(session, lock.session);
  const token = url.searchParams.get('token');
  // A link from elsewhere, such as a chat, leads to the page like one that was typed; it reads nothing.
  if (url.pathname === '/' && token !== null) return welcome(token, isKnown, lock);
  if (isForeign(visit) && url.pathname !== '/') return refused(403, 'Another site asked for this.');
  if (!isKnown) return refused(403, 'Open the address that ncsweep printed in its terminal: it lets one browser in.');
  return { kind: 'open', path: url.pathname, query: url.searchParams };
}

function welcome(token: string, isKnown: boolean, lock: Lock): Ruling {
  if (isKnown || (lock.token !== undefined && isSame(token, lock.token))) return { kind: 'welcome' };
  return refused(
    403,
    'This address was used already, or belongs to an earlier start. The terminal of ncsweep shows a fresh one now.',
  );
}

/** What every answer carries. No script and no style but the page's own files, no request to anywhere else, no frame, no guess. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};
