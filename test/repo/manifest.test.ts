import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { inRoot } from '../support/paths.js';

interface Manifest {
  readonly main: string;
  readonly browser: string;
  readonly icon?: string;
  readonly bin: Record<string, string>;
  readonly scripts: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly contributes: {
    readonly commands?: readonly { command: string; title: string; category?: string; icon?: unknown }[];
    readonly menus?: Record<string, readonly { command?: string; submenu?: string }[]>;
    readonly keybindings?: readonly { command: string }[];
    readonly configuration?: { properties?: Record<string, { description?: string; markdownDescription?: string }> };
  };
}

const json = <T>(path: string): T => JSON.parse(readFileSync(inRoot(path), 'utf8')) as T;

describe('package.json', () => {
  const manifest = json<Manifest>('package.json');
  const commands = manifest.contributes.commands ?? [];

  it('pins every dependency exactly', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    assert.deepEqual(loose, []);
  });

  it('agrees with the lock file', () => {
    const { packages } = json<{
      packages: Record<string, { version?: string; devDependencies?: object; bin?: object; resolved?: string }>;
    }>('package-lock.json');
    assert.deepEqual(packages['']?.devDependencies, manifest.devDependencies, 'run npm install');
    for (const [name, version] of Object.entries(manifest.devDependencies)) {
      assert.equal(packages[`node_modules/${name}`]?.version, version, name);
    }
  });

  it('names no registry in the lock file, so that it serves any mirror', () => {
    assert.doesNotMatch(readFileSync(inRoot('package-lock.json'), 'utf8'), /"resolved"/);
  });

  it('ships no dependency: everything is bundled', () => {
    assert.deepEqual(manifest.dependencies ?? {}, {});
  });

  it("puts every command into the category Packet's-Eye and under packetsEye", () => {
    for (const it of commands) {
      assert.equal(it.category, "Packet's-Eye", `the category of ${it.command}`);
      assert.match(it.command, /^packetsEye\./);
    }
  });

  it('offers in menus and keys only commands that it declares', () => {
    const declared = new Set(commands.map((it) => it.command));
    const used = [
      ...Object.values(manifest.contributes.menus ?? {}).flat(),
      ...(manifest.contributes.keybindings ?? []),
    ].flatMap((it) => it.command ?? []);
    assert.deepEqual(
      used.filter((it) => it.startsWith('packetsEye.') && !declared.has(it)),
      [],
    );
  });

  it('explains every setting, and names it under packetsEye', () => {
    for (const [name, it] of Object.entries(manifest.contributes.configuration?.properties ?? {})) {
      assert.match(name, /^packetsEye\./);
      assert.ok(it.description ?? it.markdownDescription, `${name} has a description`);
    }
  });

  it('names files that exist', () => {
    const files = [manifest.icon, 'README.md', 'CHANGELOG.md', 'LICENSE'].flatMap((it) => it ?? []);
    assert.deepEqual(
      files.filter((it) => !existsSync(inRoot(it))),
      [],
    );
    const built = [manifest.main, manifest.browser, ...Object.values(manifest.bin)];
    assert.deepEqual(
      built.filter((it) => !existsSync(inRoot(it))),
      [],
      'build it first: npm run package',
    );
  });
});

describe('the package', () => {
  const staged = 'node_modules/.cache/packets-eye/extension';

  it('holds what a user runs or reads', () => {
    const needed = [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/client/node.js',
      'dist/client/browser.js',
      'dist/server/node.js',
    ];
    needed.push(
      'dist/server/browser.js',
      'dist/webview/main.js',
      'dist/cli.js',
      'dist/NOTICES.txt',
      'media/sample-mesh',
    );
    assert.deepEqual(
      needed.filter((it) => !existsSync(inRoot(staged, it))),
      [],
    );
  });

  it('names everybody whose work it holds, with their licences', () => {
    const notices = readFileSync(inRoot(staged, 'dist/NOTICES.txt'), 'utf8');
    for (const name of ['mermaid', 'yaml', 're2js', 'vscode-languageserver', 'preact', '@kubernetes/client-node']) {
      assert.match(notices, new RegExp(`^${name} [0-9.]+, [A-Za-z0-9.-]+, `, 'm'));
    }
    assert.match(notices, /Permission is hereby granted, free of charge/);
  });

  it('holds nothing else', () => {
    const unneeded = [
      'src',
      'test',
      'build',
      'webview',
      'node_modules',
      'package-lock.json',
      'tsconfig.json',
      'dist/meta.json',
      '.ci',
    ];
    assert.deepEqual(
      unneeded.filter((it) => existsSync(inRoot(staged, it))),
      [],
    );
    const top = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'media', 'package.json'];
    assert.deepEqual(readdirSync(inRoot(staged)).sort(), top);
    assert.deepEqual(readdirSync(inRoot(staged, 'media')), ['sample-mesh']);
  });
});
