import { describe, expect, it } from 'vitest';
import { cookieName, rule, type Lock, type Visit } from './guard.ts';

const lock: Lock = { port: 4000, hosts: [], token: 'secret', session: 'known' };
const cookie = `a=b; ${cookieName(4000)}=known`;
const visit = (change: Partial<Visit> = {}): Visit => ({ method: 'GET', url: '/', host: '127.0.0.1:4000', cookie, ...change });

describe('the door of the live page', () => {
  it.each(['127.0.0.1:4000', 'localhost:4000', '[::1]:4000', 'LOCALHOST:4000'])('is known as %s', (host) => {
    expect(rule(visit({ host }), lock).kind).toBe('open');
  });

  it.each([
    ['a name that was rebound to this machine', { host: 'evil.example:4000' }, 421],
    ['another port', { host: '127.0.0.1:4001' }, 421],
    ['a name that only begins like its own', { host: '127.0.0.1:4000.evil.example' }, 421],
    ['no host', { host: undefined }, 421],
    ['no token and no cookie', { cookie: undefined }, 403],
    ['a wrong cookie', { cookie: `${cookieName(4000)}=guess` }, 403],
    ['the cookie of another port', { cookie: `${cookieName(4001)}=known` }, 403],
    ['a wrong token', { url: '/?token=guess', cookie: undefined }, 403],
    ['a token on another path', { url: '/api/sweeps?token=secret', cookie: undefined }, 403],
    ['a request of another site', { url: '/api/sweeps', site: 'cross-site' }, 403],
    ['a request of another port of this machine', { url: '/api/sweeps', site: 'same-site' }, 403],
    ['a foreign origin', { url: '/api/sweeps', origin: 'http://evil.example' }, 403],
    ['a wish to change something', { method: 'POST', url: '/api/sweeps' }, 405],
    ['a wish to delete something', { method: 'DELETE' }, 405],
    ['no path', { url: 'http://[' }, 400],
  ] as const)('is shut for %s', (_, change, status) => {
    expect(rule(visit(change), lock)).toMatchObject({ kind: 'refused', status });
  });

  it('lets in by the token, and not any more once it was used', () => {
    const first = visit({ url: '/?token=secret', cookie: undefined });
    expect(rule(first, lock).kind).toBe('welcome');
    expect(rule(first, { ...lock, token: undefined })).toMatchObject({ kind: 'refused', status: 403 });
  });

  it('leads a browser that is in already to the page, whatever the token', () => {
    expect(rule(visit({ url: '/?token=old' }), { ...lock, token: undefined }).kind).toBe('welcome');
  });
});
