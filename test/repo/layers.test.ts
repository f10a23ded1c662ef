import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { describe, it } from 'mocha';
import ts from 'typescript';
import { inRoot } from '../support/paths.js';

interface Layer {
  /** Folders that it may import, besides itself. */
  readonly may: readonly string[];
  /** Folders of which it may import types, but no code. */
  readonly mayTypes?: readonly string[];
  readonly libraries?: readonly string[];
  /** Where Node's own modules may be imported. */
  readonly node?: 'anywhere' | 'node/';
  /** What to do when something else seems needed. */
  readonly instead: string;
}

const pure = 'core asks nobody for files, time, editor or network: take it as an argument';

/** The tree of src/README.md as data. Types of core may travel further than its code: what features answer is made of them. */
const layers: Readonly<Record<string, Layer>> = {
  'src/core/base': {
    may: [],
    libraries: ['re2js', 'ipaddr.js'],
    instead: 'base knows nothing of YAML or meshes: move what needs more to the folder that has it',
  },
  'src/core/syntax': {
    may: ['src/core/base'],
    libraries: ['yaml', 'js-yaml'],
    instead: 'syntax turns text into documents and knows no kinds: what a field means belongs in model',
  },
  'src/core/model': {
    may: ['src/core/base', 'src/core/syntax'],
    libraries: ['ipaddr.js', 're2js'],
    instead: 'model reads one document at a time: what needs others belongs in mesh',
  },
  'src/core/mesh': {
    may: ['src/core/base', 'src/core/syntax', 'src/core/model'],
    libraries: ['ipaddr.js', 're2js'],
    instead: 'mesh answers questions about resources: what Envoy would be sent belongs in xds',
  },
  'src/core/xds': {
    may: ['src/core/base', 'src/core/syntax', 'src/core/model', 'src/core/mesh'],
    libraries: ['ipaddr.js', 're2js'],
    instead: 'xds says what istiod pushes: what becomes of one request belongs in trace',
  },
  'src/core/trace': {
    may: ['src/core/base', 'src/core/syntax', 'src/core/model', 'src/core/mesh', 'src/core/xds'],
    libraries: ['ipaddr.js', 're2js'],
    instead: 'trace follows one request: what judges many belongs in rules',
  },
  'src/core/rules': {
    may: ['src/core/base', 'src/core/syntax', 'src/core/model', 'src/core/mesh', 'src/core/xds', 'src/core/trace'],
    libraries: ['ipaddr.js', 're2js'],
    instead: 'a rule reads the snapshot: what words or places an editor wants belongs in features',
  },
  'src/features': {
    may: ['src/core'],
    instead: 'features answer in plain data: LSP belongs in server/convert.ts, files in cli',
  },
  'src/protocol': {
    may: [],
    mayTypes: ['src/features', 'src/core'],
    instead: 'protocol is types of messages and has no code',
  },
  'src/server': {
    may: ['src/features', 'src/protocol'],
    mayTypes: ['src/core'],
    libraries: [
      'vscode-languageserver',
      'vscode-languageserver-protocol',
      'vscode-languageserver-textdocument',
      'vscode-uri',
      'vscode-jsonrpc',
    ],
    node: 'node/',
    instead: 'ask a feature, or add one (the server only translates)',
  },
  'src/client': {
    may: ['src/protocol'],
    libraries: ['vscode', 'vscode-languageclient', 'vscode-uri'],
    node: 'node/',
    instead: 'ask the server by a request of protocol (the client only shows)',
  },
  'src/cli': {
    // It asks the engine itself for what no editor shows: batches of traces, a proxy's configuration.
    may: ['src/features', 'src/core'],
    // `yaml` writes files here; what is read goes through core/syntax.
    libraries: ['commander', '@kubernetes/client-node', 'junit-xml', 'sarif', 'yaml'],
    node: 'anywhere',
    instead: 'ask a feature, or add one (the command line only reads arguments and prints)',
  },
  webview: {
    // What a person types as a URL is read while typing, without asking anybody.
    may: ['src/features/request-text.js'],
    mayTypes: ['src/protocol', 'src/features', 'src/core'],
    libraries: ['preact', '@preact/signals', 'mermaid'],
    instead: 'the panel draws what messages bring: add it to a message of protocol',
  },
};

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** Everything that a file imports, in whatever form. */
function importsOf(path: string, text: string): Import[] {
  const source = ts.createSourceFile(
    path,
    text,
    ts.ScriptTarget.ES2022,
    false,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ from: node.moduleSpecifier.text, typeOnly: isTypeOnly(node.importClause) });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : [];
      const typeOnly = node.isTypeOnly || (names.length > 0 && names.every((it) => it.isTypeOnly));
      found.push({ from: node.moduleSpecifier.text, typeOnly });
    } else if (ts.isCallExpression(node) && isLoader(node.expression)) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) found.push({ from: argument.text, typeOnly: false });
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      found.push({ from: node.argument.literal.text, typeOnly: true });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  if (clause.name || !clause.namedBindings || ts.isNamespaceImport(clause.namedBindings)) return false;
  return clause.namedBindings.elements.length > 0 && clause.namedBindings.elements.every((it) => it.isTypeOnly);
}

function isLoader(expression: ts.Expression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  );
}

/** What is wrong with the imports of one file, as sentences that say what to do instead. */
function wrongImports(path: string, text: string): string[] {
  const name = Object.keys(layers).find((it) => path.startsWith(`${it}/`));
  const layer = name === undefined ? undefined : layers[name];
  if (name === undefined || !layer) {
    return [
      `${path} is in no folder of the tree: put it into one, or argue for a new one in src/README.md and test/repo/layers.test.ts`,
    ];
  }
  const short = path.replace(/^src\//, '');
  return importsOf(path, text).flatMap(({ from, typeOnly }) => {
    const within = (folders: readonly string[] = [], target: string) =>
      folders.some((it) => target === it || target.startsWith(`${it}/`));
    if (from.startsWith('.')) {
      const target = posix.join(posix.dirname(path), from);
      if (within([name, ...layer.may], target) || (typeOnly && within(layer.mayTypes, target))) return [];
      const typesOnly = within(layer.mayTypes, target) ? ' as code, and may only as types' : '';
      return [`${short} imports ${posix.dirname(target).replace(/^src\//, '')}${typesOnly}: ${layer.instead}`];
    }
    if (isBuiltin(from)) {
      const allowed = layer.node === 'anywhere' || (layer.node === 'node/' && path.startsWith(`${name}/node/`));
      if (allowed) return [];
      if (layer.node === 'node/')
        return [
          `${short} imports ${from}: it also runs in a browser; only ${name.replace('src/', '')}/node/ may use Node`,
        ];
      return [`${short} imports ${from}: ${path.startsWith('src/core/') ? pure : layer.instead}`];
    }
    if (within(layer.libraries, from)) return [];
    if (from === 'yaml' || from === 'js-yaml') return [`${short} imports ${from}: only core/syntax parses YAML`];
    if (path.startsWith('src/core/') && /^vscode/.test(from)) return [`${short} imports ${from}: ${pure}`];
    return [`${short} imports ${from}: ${layer.instead}`];
  });
}

function sources(folder: string): string[] {
  return readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })
    .map((it) => posix.join(folder, it.replaceAll('\\', '/')))
    .filter((it) => /\.tsx?$/.test(it));
}

describe('layers', () => {
  const files = [...sources('src'), ...sources('webview')];

  it('import only what the tree allows', () => {
    const wrong = files.flatMap((it) => wrongImports(it, readFileSync(inRoot(it), 'utf8')));
    assert.equal(wrong.length, 0, `\n${wrong.join('\n')}`);
  });

  it('keep DOM, Node and editor out of core, features and protocol by their compiler settings', () => {
    for (const folder of ['src/core', 'src/features', 'src/protocol']) {
      const { config } = ts.readConfigFile(inRoot(folder, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
        config: unknown;
      };
      const { lib, types } = ts.parseJsonConfigFileContent(config, ts.sys, inRoot(folder)).options;
      assert.deepEqual({ lib, types }, { lib: ['lib.es2022.d.ts'], types: [] }, folder);
    }
  });

  it('have kebab-case file names', () => {
    const wrong = files.filter((it) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.tsx?$/.test(it));
    assert.deepEqual(wrong, []);
  });
});

describe('the check of layers', () => {
  const cases: [path: string, code: string, wrong: string | undefined][] = [
    ['src/core/base/a.ts', `import { b } from './b.js';`, undefined],
    ['src/core/mesh/a.ts', `export { b } from '../model/b.js';`, undefined],
    [
      'src/core/model/a.ts',
      `import type { b } from '../mesh/b.js';`,
      'core/model/a.ts imports core/mesh: model reads one document at a time',
    ],
    ['src/core/xds/a.ts', `import { readFileSync } from 'node:fs';`, `core/xds/a.ts imports node:fs: ${pure}`],
    ['src/core/xds/a.ts', `import * as vscode from 'vscode';`, `core/xds/a.ts imports vscode: ${pure}`],
    [
      'src/core/rules/x/a.ts',
      `import { parse } from 'yaml';`,
      'core/rules/x/a.ts imports yaml: only core/syntax parses YAML',
    ],
    ['src/core/trace/a.ts', `const it = await import('../rules/b.js');`, 'core/trace/a.ts imports core/rules'],
    [
      'src/features/a.ts',
      `import type { Hover } from 'vscode-languageserver';`,
      'features/a.ts imports vscode-languageserver: features answer in plain data',
    ],
    ['src/protocol/a.ts', `import type { Diagram } from '../features/b.js';`, undefined],
    [
      'src/protocol/a.ts',
      `import { type Diagram, draw } from '../features/b.js';`,
      'protocol/a.ts imports features as code, and may only as types',
    ],
    [
      'src/server/start-server.ts',
      `import { snapshot } from '../core/mesh/b.js';`,
      'server/start-server.ts imports core/mesh as code, and may only as types: ask a feature, or add one (the server only translates)',
    ],
    [
      'src/server/a.ts',
      `const fs = require('fs');`,
      'server/a.ts imports fs: it also runs in a browser; only server/node/ may use Node',
    ],
    [
      'src/server/node/main.ts',
      `import { createConnection } from 'vscode-languageserver/node';\nimport 'node:fs';`,
      undefined,
    ],
    ['src/client/a.ts', `import { hover } from '../features/b.js';`, 'client/a.ts imports features: ask the server'],
    ['webview/a.tsx', `import { render } from 'preact';\nimport type { A } from '../src/protocol/b.js';`, undefined],
    ['webview/a.tsx', `type A = import('../src/core/base/range.js').Range;`, undefined],
    [
      'webview/a.tsx',
      `import { range } from '../src/core/base/range.js';`,
      'webview/a.tsx imports core/base as code, and may only as types: the panel draws',
    ],
    ['src/helpers/a.ts', ``, 'src/helpers/a.ts is in no folder of the tree'],
  ];

  for (const [path, code, wrong] of cases) {
    it(wrong ? `says: ${wrong.slice(0, 60)}` : `lets ${path} ${code.split('\n')[0]}`, () => {
      const found = wrongImports(path, code);
      if (!wrong) assert.deepEqual(found, []);
      else assert.ok(found[0]?.startsWith(wrong), `${found.join('\n') || 'nothing'}\nis not\n${wrong}`);
    });
  }
});
