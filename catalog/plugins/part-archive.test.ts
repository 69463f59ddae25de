import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { describe, expect, it } from 'vitest';
import { decodeArchive, identityOf } from './archive.ts';
import { pluginManifest } from './manifest.ts';
import { partArchive, partIdentities, reachableFiles } from './part-archive.ts';

const reached = (first: string, files: Readonly<Record<string, string>>): string[] => [...reachableFiles(first, files)].sort();

describe('files that may run with a file of a plug-in', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['none but itself', { 'a.py': 'import torch\nhelpers = 1\n', 'helpers.py': '' }, ['a.py']],
    ['a file beside it', { 'a.py': 'from . import helpers\n', 'helpers.py': '', 'c.py': '' }, ['a.py', 'helpers.py']],
    ['a name of one', { 'a.py': 'from .helpers import f\n', 'helpers.py': '' }, ['a.py', 'helpers.py']],
    ['in brackets', { 'a.py': 'from . import (\n  one,\n  two,\n)\n', 'one.py': '', 'two.py': '' }, ['a.py', 'one.py', 'two.py']],
    ['behind a backslash', { 'a.py': 'from \\\n  .one import x\n', 'one.py': '' }, ['a.py', 'one.py']],
    ['by way of another', { 'a.py': 'from . import b\n', 'b.py': 'from .c import d\n', 'c.py': '' }, ['a.py', 'b.py', 'c.py']],
    ['in circles', { 'a.py': 'from . import b\n', 'b.py': 'from . import a\n' }, ['a.py', 'b.py']],
    [
      'in folders, whose own files run too',
      { 'a.py': 'from .sub.deep import x\n', 'sub/__init__.py': 'from . import more\n', 'sub/deep.py': '', 'sub/more.py': '' },
      ['a.py', 'sub/__init__.py', 'sub/deep.py', 'sub/more.py'],
    ],
    ['the folder of all', { 'a.py': '', '__init__.py': 'from .b import x\n', 'b.py': '' }, ['__init__.py', 'a.py', 'b.py']],
    ['by a name in a text', { 'a.py': "import_module('.b', __package__)\n", 'b.py': '' }, ['a.py', 'b.py']],
    ['no files of comments', { 'a.py': 'from . import b  # not c\n', 'b.py': '', 'c.py': '' }, ['a.py', 'b.py']],
  ])('%s', (_, files, expected) => {
    expect(reached('a.py', files)).toEqual(expected);
  });
});

describe('a part of a plug-in by itself', () => {
  const manifest = pluginManifest.parse({
    plugin: 'lab',
    requires: ['numpy'],
    parts: [
      { kind: 'attack', name: 'moved', python: 'attacks.py:moved', norm: 'linf', gradients: 1 },
      { kind: 'loss', name: 'sum', python: 'losses.py:total' },
    ],
  });
  const files = {
    'attacks.py': 'from . import shared\n',
    'losses.py': 'from . import shared\n',
    'shared.py': 'x = 1\n',
    'z.py': '',
  };
  const of = (change: object = {}, changed = manifest) =>
    Object.fromEntries(partIdentities({ v: 1, manifest: changed, files: { ...files, ...change } }));
  const before = of();

  it.each<[string, ReturnType<typeof of>, string[]]>([
    ['the code of a part renames it alone', of({ 'losses.py': 'from . import shared\ny = 2\n' }), ['loss:sum']],
    ['code of both renames both', of({ 'shared.py': 'x = 2\n' }), ['attack:moved', 'loss:sum']],
    ['code that nothing imports renames none', of({ 'z.py': 'y = 3\n' }), []],
    ['comments rename none', of({ 'shared.py': 'x = 1  # one\n' }), []],
    [
      'another part renames none',
      of({}, { ...manifest, parts: [...manifest.parts, { ...manifest.parts[1]!, name: 'more' }] }),
      [],
    ],
    ['needed packages rename all', of({}, { ...manifest, requires: [] }), ['attack:moved', 'loss:sum']],
  ])('%s', (_, after, renamed) => {
    expect(Object.keys(before).filter((part) => before[part] !== after[part])).toEqual(renamed);
  });

  it('has its own files only, and the identity of what it has', () => {
    const part = partArchive({ v: 1, manifest, files }, manifest.parts[0]!);
    expect(Object.keys(part.files).sort()).toEqual(['attacks.py', 'shared.py']);
    expect(part.manifest.parts.map(({ name }) => name)).toEqual(['moved']);
    expect(identityOf(part)).toBe(before['attack:moved']);
  });
});

describe('a part that declares its science', () => {
  const part = { kind: 'attack', name: 'moved', python: 'a.py:moved', norm: 'linf', gradients: 1, science: 1 };
  const of = (change: object = {}, text = 'moved = 1\n', plugin: object = {}): string => {
    const manifest = pluginManifest.parse({ plugin: 'lab', parts: [{ ...part, ...change }], ...plugin });
    return partIdentities({ v: 1, manifest, files: { 'a.py': text, 'b.py': text } }).get('attack:moved')!;
  };

  it('has the same name with other code, in another file, with other packages', () => {
    expect([of({}, 'moved = 2\n'), of({ python: 'b.py:other' }), of({}, '', { requires: ['numpy'] })]).toEqual(
      Array(3).fill(of()),
    );
  });

  it.each<[string, string]>([
    ['another number', of({ science: 2 })],
    ['none', of({ science: undefined })],
    ['another norm', of({ norm: 'l2' })],
    ['another parameter', of({ params: { steps: { type: 'integer', default: 1 } } })],
    ['another name of its plug-in', of({}, 'moved = 1\n', { plugin: 'lob' })],
  ])('has another name with %s', (_, other) => {
    expect(other).not.toBe(of());
  });

  it('is what it is called with any code of its own, and with no other', () => {
    const manifest = pluginManifest.parse({ plugin: 'lab', parts: [part] });
    const stored = (text: string, changed = manifest) => encodeJson({ v: 1, manifest: changed, files: { 'a.py': text } });
    expect(decodeArchive(stored('moved = 3\n'), of())?.files).toEqual({ 'a.py': 'moved = 3\n' });
    const later = pluginManifest.parse({ plugin: 'lab', parts: [{ ...part, science: 2 }] });
    expect(decodeArchive(stored('moved = 1\n', later), of())).toBeUndefined();
    const two = { ...manifest, parts: [...manifest.parts, { ...manifest.parts[0]!, name: 'more' }] };
    expect(decodeArchive(stored('moved = 1\n', two), of())).toBeUndefined();
  });
});
