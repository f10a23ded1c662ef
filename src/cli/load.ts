import { readdirSync, readFileSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Location } from '../core/base/location.js';
import { LARGEST_FILE, Workspace } from '../core/mesh/workspace.js';
import { Session } from '../features/session.js';
import { UsageError } from './exit.js';

const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.hg', '.svn']);
const YAML = new Set(['.yaml', '.yml']);

/** What becomes of the files that are found. */
interface Readers {
  readonly file: (path: string, text: string) => void;
  /** For files that are too large to be read. */
  readonly tooLarge: (path: string, bytes: number) => void;
}

/** Reads files, and folders with all below them, into a session; says on stderr what was passed over. */
export function loadSession(paths: readonly string[]): Session {
  const session = new Session();
  const { left, files } = readPaths(paths, {
    file: (path, text) => session.setFile(pathToFileURL(path).href, text),
    tooLarge: (path, bytes) => session.setTooLarge(pathToFileURL(path).href, bytes),
  });
  for (const it of left) console.error(`packets-eye: ${it}`);
  if (files === 0) throw new UsageError('no YAML in these paths: name the folder that holds the YAML of the mesh');
  return session;
}

/** Reads files, and folders with all below them, into one workspace; says on stderr what was passed over. */
export function loadPaths(paths: readonly string[], except: readonly string[] = []): Workspace {
  const workspace = new Workspace();
  const large: string[] = [];
  const { left } = readPaths(
    paths,
    {
      file: (path, text) => workspace.setFile(pathToFileURL(path).href, text),
      tooLarge: (path, bytes) =>
        large.push(`${shortPath(path)}: ${Math.round(bytes / 1e6)} MB is more than is read; split it`),
    },
    except,
  );
  for (const it of [...left, ...large]) console.error(`packets-eye: ${it}`);
  return workspace;
}

/**
 * Reads files, and folders with all below them. Unreadable ones are passed over with a word; a path that does not exist ends
 * the program.
 */
function readPaths(
  paths: readonly string[],
  readers: Readers,
  except: readonly string[] = [],
): { readonly left: readonly string[]; readonly files: number } {
  const left: string[] = [];
  const excluded = new Set(except.map((it) => resolve(it)));
  const visited = new Set<string>();
  let files = 0;
  for (const path of paths) {
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch {
      throw new UsageError(`${path}: no such file or folder`);
    }
    if (isFolder) walk(resolve(path));
    else read(resolve(path), true);
  }
  return { left, files };

  function walk(folder: string): void {
    let entries: Dirent[];
    try {
      // a folder that a link leads to a second time is a ring
      const real = realpathSync(folder);
      if (visited.has(real)) return;
      visited.add(real);
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      left.push(`${shortPath(folder)}: ${reason(error)}`);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (leadsToFolder(entry, path)) {
        if (!SKIPPED_FOLDERS.has(entry.name)) walk(path);
      } else if (YAML.has(extname(entry.name)) || extname(entry.name) === '.json') read(path, false);
    }
  }

  function read(path: string, asked: boolean): void {
    if (excluded.has(path)) return;
    try {
      const { size } = statSync(path);
      if (size > LARGEST_FILE) return readers.tooLarge(path, size);
      const text = readFileSync(path, 'utf8');
      if (!asked && extname(path) === '.json' && !text.includes('"apiVersion"')) return;
      files++;
      readers.file(path, text);
    } catch (error) {
      left.push(`${shortPath(path)}: ${reason(error)}`);
    }
  }
}

function leadsToFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'it is gone';
  if (code === 'EACCES' || code === 'EPERM') return 'not allowed to read it';
  if (code === 'ELOOP') return 'a link that leads to itself';
  return String(error instanceof Error ? error.message : error);
}

/** A path as people write it: from where they stand, when it lies below. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== '' && !short.startsWith(`..${sep}`) && short !== '..' ? short : path;
}

/** Line and column from 1, as compilers print them. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Where a location stands, for people and for JSON. */
export function placeOf(workspace: Workspace, at: Location): Place | undefined {
  const found = workspace.locate(at);
  const file = found && workspace.file(found.uri);
  return file && placeIn(file.text, shortPath(fileURLToPath(found.uri)), found.start, found.end);
}

/** A span of a file as people and JSON have it. */
export function placeOfSpan(
  span: { readonly uri: string; readonly start: number; readonly end: number },
  text: string,
): Place {
  return placeIn(text, shortPath(fileURLToPath(span.uri)), span.start, span.end);
}

export function placeIn(text: string, file: string, start: number, end: number): Place {
  const from = lineAndColumn(text, start);
  const to = lineAndColumn(text, end);
  return { file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
