import {
  MarkupKind,
  type CancellationToken,
  type CodeAction,
  type CodeLens,
  type Connection,
  type Position,
} from 'vscode-languageserver';
import type { PlacedFinding } from '../features/findings.js';
import { hoverAt, witnessAt } from '../features/hover.js';
import { hoverMarkdown } from '../features/hover-markdown.js';
import { lensPlaces, lensTitle } from '../features/lenses.js';
import { parseUrl } from '../features/request-text.js';
import type { Session } from '../features/session.js';
import { diagramOf, exportBranch } from '../features/session-diagram.js';
import { suggestionsOf } from '../features/suggestions.js';
import type { Requests } from '../protocol/requests.js';
import { actionsFor, diagramForClient, offsetAt, rangeOfSpan } from './convert.js';
import type { Environments } from './environments.js';
import { fenced } from './fence.js';
import type { Settings } from './settings.js';
import { normalUri } from './uris.js';

export interface AnswerOptions {
  readonly environments: Environments;
  readonly settings: () => Settings;
  /** The findings of a file as last published. */
  readonly findingsIn: (session: Session, uri: string) => readonly PlacedFinding[];
  /** Waits until all files are read and takes in what was typed. */
  readonly upToDate: () => Promise<void>;
}

/** What a lens needs to say more once it is on screen. */
interface LensData {
  readonly uri: string;
  readonly position: Position;
}

/** Answers what editors and our own client ask. Each answer is fenced: a bug in one leaves the others working. */
export function answerRequests(
  connection: Connection,
  { environments, settings, findingsIn, upToDate }: AnswerOptions,
): void {
  const answer = <T>(name: string, empty: T, token: CancellationToken, run: () => T): Promise<T> =>
    fenced(connection.console, name, empty, async () => {
      await upToDate();
      return token.isCancellationRequested ? empty : run();
    });
  const at = (uri: string, position: Position): { session: Session; uri: string; offset: number } => {
    const session = environments.of(normalUri(uri));
    return { session, uri: normalUri(uri), offset: offsetAt(session, normalUri(uri), position) };
  };
  const on = <M extends keyof Requests>(
    method: M,
    empty: Requests[M]['result'],
    run: (params: Requests[M]['params']) => Requests[M]['result'],
  ): void => {
    connection.onRequest(method, (params: Requests[M]['params'], token: CancellationToken) =>
      answer(method, empty, token, () => run(params)),
    );
  };

  connection.onHover(({ textDocument, position }, token) =>
    answer('hover', null, token, () => {
      const { session, uri, offset } = at(textDocument.uri, position);
      const hover = hoverAt(session, uri, offset);
      const span = hover && session.place(hover.at);
      if (!span) return null;
      const value = hoverMarkdown(session, hover, { uri, position });
      return { contents: { kind: MarkupKind.Markdown, value }, range: rangeOfSpan(session, span) };
    }),
  );

  connection.onCodeAction(({ textDocument, range }, token) =>
    answer<CodeAction[]>('fixes', [], token, () => {
      const { session, uri } = at(textDocument.uri, range.start);
      // anywhere on the line will do: few put the cursor on the very word
      const isNear = ({ span }: PlacedFinding): boolean => {
        const { start, end } = rangeOfSpan(session, span);
        return start.line <= range.end.line && range.start.line <= end.line;
      };
      return findingsIn(session, uri)
        .filter(isNear)
        .flatMap((it) => actionsFor(session, it));
    }),
  );

  connection.onCodeLens(({ textDocument }, token) =>
    answer<CodeLens[]>('lenses', [], token, () => {
      if (!settings().codeLens) return [];
      const uri = normalUri(textDocument.uri);
      const session = environments.of(uri);
      return lensPlaces(session, uri).map((span) => {
        const range = rangeOfSpan(session, span);
        const data: LensData = { uri, position: range.start };
        return { range, data };
      });
    }),
  );

  connection.onCodeLensResolve((lens, token) =>
    answer('lens', lens, token, () => {
      const { uri, position } = lens.data as LensData;
      const { session, offset } = at(uri, position);
      const title = lensTitle(session, uri, offset);
      return { ...lens, command: { title, command: 'packetsEye.showPath', arguments: [{ uri, ...position }] } };
    }),
  );

  on('packetsEye/trace', null, ({ request, near }) => {
    const session = environments.near(near && normalUri(near));
    return diagramForClient(session, diagramOf(session, request));
  });
  on('packetsEye/witness', null, ({ uri, line, character }) => {
    const spot = at(uri, { line, character });
    return witnessAt(spot.session, spot.uri, spot.offset) ?? null;
  });
  on('packetsEye/parseTarget', { problem: 'This could not be read' }, ({ text }) => parseUrl(text));
  on('packetsEye/suggestions', { workloads: [], gateways: [], hosts: [] }, ({ near }) =>
    suggestionsOf(environments.near(near && normalUri(near)).snapshot),
  );
  on('packetsEye/export', null, ({ request, branch, format, near }) =>
    exportBranch(environments.near(near && normalUri(near)), request, branch, format),
  );
}
