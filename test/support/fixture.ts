import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { Workspace } from '../../src/core/mesh/workspace.js';
import { inRoot } from './paths.js';

/*
 * Fixtures are YAML files whose comments say where to look and what to expect; a real cluster takes them untouched.
 *
 *   # Jason reaches v2; everyone else meets a subset that nobody defines.      the first line tells the story
 *   #+ base/reviews.yaml                                                       brings the files of test/fixtures/base/reviews.yaml
 *   #- routing.yaml                                                            starts a file; without any, all is one file `main.yaml`
 *       - route: [{ destination: { host: reviews, subset: v3 } }]
 *   #                                                     ^^ error virtualservice-subset-not-defined: No DestinationRule ...
 *   #                                                     ^^ here              the cursor
 *   #                                                     ^^... related        only the start counts (for ranges of several lines)
 *   #<--- hint some-rule                                                       a range that starts in column 0: as long as the arrow with its #
 *   #? GET http://reviews:9080/ from shop/productpage                          asks
 *   #= 503 NC cluster_not_found                                                answers; one #= for each line of the answer
 *   # wrong: 200                                                               the answer above is today's; this one is right
 *
 * A mark points at the nearest line above it that is no mark; carets cover the range exactly. Marks stay in the text, so that
 * offsets are those of the real file. They cannot stand inside block scalars, where they would be content.
 */

export interface FixtureFile {
  /** As after `#-`. */
  readonly name: string;
  readonly uri: string;
  readonly text: string;
}

/** A place in one of the files, and what the fixture says of it. */
export interface Mark {
  readonly uri: string;
  /** Offsets in the file; `end` is `undefined` where only the start counts. */
  readonly start: number;
  readonly end: number | undefined;
  /** First word: `here`, `related`, a severity, or a word of the test's own. */
  readonly word: string;
  /** For a severity, the id after it. */
  readonly rule: string;
  /** What follows: of a finding its message, empty where the fixture leaves it open. */
  readonly text: string;
}

export interface Question {
  readonly ask: string;
  /** The lines of the answer, without `#= `. */
  readonly answer: readonly string[];
  /** The right answer, where `answer` is known to be wrong today. */
  readonly wrong: readonly string[] | undefined;
  /** Line in the fixture's file, from 1. */
  readonly line: number;
}

export interface Fixture {
  /** Path below test/fixtures, for titles. */
  readonly name: string;
  readonly story: string;
  /** Shared ones first. */
  readonly files: readonly FixtureFile[];
  readonly marks: readonly Mark[];
  readonly questions: readonly Question[];
  /** The `here` mark. */
  readonly cursor: { readonly uri: string; readonly offset: number } | undefined;
}

export const FIXTURES = inRoot('test/fixtures');

const SEVERITIES = new Set(['error', 'warning', 'information', 'hint']);

/** Reads `test/fixtures/<name>`. */
export function readFixture(name: string): Fixture {
  return parseFixture(readFileSync(join(FIXTURES, name), 'utf8'), name);
}

/** All fixtures below `test/fixtures/<folder>`, sorted by name. */
export function readFixtures(folder: string): Fixture[] {
  const root = join(FIXTURES, folder);
  if (!existsSync(root)) return [];
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((it) => it.endsWith('.yaml'));
  return names.sort().map((it) => readFixture(relative(FIXTURES, join(root, it)).replaceAll('\\', '/')));
}

/** Reads a fixture from text, for tests that write theirs inline. */
export function parseFixture(text: string, name = 'inline.yaml'): Fixture {
  const lines = text.split(/(?<=\n)/);
  const story = /^#\s+(.*)/.exec(lines[0] ?? '')?.[1]?.trim() ?? '';
  const shared: FixtureFile[] = [];
  const parts: { name: string; lines: string[] }[] = [];
  const questions: { ask: string; answer: string[]; wrong: string[] | undefined; line: number }[] = [];
  const hasFiles = lines.some((it) => it.startsWith('#- '));
  if (!hasFiles) parts.push({ name: 'main.yaml', lines: [] });
  lines.forEach((line, index) => {
    const command = /^#([-+?=]) ?(.*?)\s*$/.exec(line);
    if (command?.[1] === '-') {
      parts.push({ name: command[2]!, lines: [] });
      return;
    }
    if (command?.[1] === '+') shared.push(...readFixture(command[2]!).files);
    if (command?.[1] === '?') questions.push({ ask: command[2]!, answer: [], wrong: undefined, line: index + 1 });
    if (command?.[1] === '=') questions.at(-1)?.answer.push(command[2]!);
    const wrong = /^# wrong: ?(.*?)\s*$/.exec(line);
    const asked = questions.at(-1);
    if (wrong && asked) (asked.wrong ??= []).push(wrong[1]!);
    parts.at(-1)?.lines.push(line);
  });
  const files = parts.map((it): FixtureFile => ({ name: it.name, uri: uriOfFile(it.name), text: it.lines.join('') }));
  const marks = files.flatMap(readMarks);
  const here = marks.find((it) => it.word === 'here');
  const cursor = here && { uri: here.uri, offset: here.start };
  return { name, story, files: [...dropRepeated(shared), ...files], marks, questions, cursor };
}

/**
 * Compares what a fixture answers with what is answered now. With `PACKETS_EYE_UPDATE=1` it writes the answers of today into the
 * fixture instead: look at the difference before you commit it.
 */
export function checkAnswers(fixture: Fixture, question: Question, lines: readonly string[]): void {
  if (!process.env['PACKETS_EYE_UPDATE']) return assert.deepEqual(lines, question.answer);
  const path = join(FIXTURES, fixture.name);
  const text = readFileSync(path, 'utf8').split('\n');
  const asked = text.map((line, index) => [line, index] as const).filter(([line]) => line.startsWith('#?'));
  const at = asked[fixture.questions.indexOf(question)]![1];
  let end = at + 1;
  while (text[end]?.startsWith('#=')) end++;
  text.splice(at + 1, end - at - 1, ...lines.map((line) => `#= ${line}`));
  writeFileSync(path, text.join('\n'));
}

/** The workspace that has just the fixture's files. */
export function workspaceOf(fixture: Fixture): Workspace {
  const workspace = new Workspace();
  for (const { uri, text } of fixture.files) workspace.setFile(uri, text);
  return workspace;
}

/** The marks of findings: those whose first word is a severity. */
export function expectedFindings(fixture: Fixture): Mark[] {
  return fixture.marks.filter((it) => SEVERITIES.has(it.word));
}

/** `routing.yaml:9:12`, as people and failing tests name a place. */
export function placeText(fixture: Fixture, uri: string, offset: number): string {
  const file = fixture.files.find((it) => it.uri === uri);
  const before = (file?.text ?? '').slice(0, offset).split('\n');
  return `${file?.name ?? uri}:${before.length}:${before.at(-1)!.length + 1}`;
}

export function uriOfFile(name: string): string {
  return `file:///fixture/${name}`;
}

/** Two shared files may bring the same third one. */
function dropRepeated(files: readonly FixtureFile[]): FixtureFile[] {
  return [...new Map(files.map((it) => [it.uri, it])).values()];
}

function readMarks({ uri, text }: FixtureFile): Mark[] {
  const marks: Mark[] = [];
  let lineStart = 0;
  let target = 0; // where the nearest line starts that is no mark
  for (const line of text.split(/(?<=\n)/)) {
    const found = /^#(?<gap>\s*)(?<carets>\^+)(?<open>\.\.\.)?(?<rest>.*)/.exec(line)?.groups;
    const arrow = /^(?<arrow>#<-*)(?<open>\.\.\.)?(?<rest>.*)/.exec(line)?.groups;
    if (found) {
      const start = target + 1 + found['gap']!.length;
      marks.push(markOf(uri, start, found['open'] ? undefined : start + found['carets']!.length, found['rest']!));
    } else if (arrow) {
      marks.push(markOf(uri, target, arrow['open'] ? undefined : target + arrow['arrow']!.length, arrow['rest']!));
    } else if (!/^#[?=]/.test(line)) {
      target = lineStart;
    }
    lineStart += line.length;
  }
  return marks;
}

function markOf(uri: string, start: number, end: number | undefined, rest: string): Mark {
  const [word = '', ...others] = rest.trim().split(/\s+/);
  const text = rest.trim().slice(word.length).trim();
  if (!SEVERITIES.has(word)) return { uri, start, end, word, rule: '', text };
  const rule = (others[0] ?? '').replace(/:$/, '');
  return { uri, start, end, word, rule, text: text.slice(others[0]?.length ?? 0).trim() };
}
