import type { Location } from '../core/base/location.js';
import type { TraceRequest } from '../core/trace/request.js';
import { toDiagram, type Naming } from './diagram.js';
import type { Diagram } from './diagram-model.js';
import { exportMarkdown } from './export-markdown.js';
import { exportMermaid } from './export-mermaid.js';
import type { Session } from './session.js';

/** A request's answer as the side panel draws it. */
export function diagramOf(session: Session, request: TraceRequest): Diagram {
  return toDiagram(session.trace(request), namingOf(session));
}

/** One branch of a request's answer as text; the first one when the branch is not known (any more). */
export function exportBranch(
  session: Session,
  request: TraceRequest,
  branchId: string,
  format: 'mermaid' | 'markdown',
): string | null {
  const diagram = diagramOf(session, request);
  const branch = diagram.branches.find((it) => it.id === branchId) ?? diagram.branches[0];
  if (!branch) return null;
  return format === 'mermaid' ? exportMermaid(branch, { title: diagram.title }) : exportMarkdown(diagram, branch);
}

const LONGEST_EXCERPT = 60;

function namingOf(session: Session): Naming {
  return {
    excerpt(at: Location) {
      const place = session.placeName(at);
      const text = shorten(lineAround(session, at).trim());
      return [place, text].filter((it) => it !== '').join(' ');
    },
    resource(pod: string) {
      const source = session.snapshot.podsOf(pod)[0]?.source;
      return source && `${source.kind.toLowerCase()}/${source.name}`;
    },
  };
}

/** The line where a place begins, since a value says little without its key; a long line gives way to the place alone. */
function lineAround(session: Session, at: Location): string {
  const text = session.workspace.document(at.doc)?.text ?? '';
  const end = text.indexOf('\n', at.start);
  const line = text.slice(text.lastIndexOf('\n', at.start - 1) + 1, end < 0 ? undefined : end);
  return line.trim().length <= LONGEST_EXCERPT ? line : (session.workspace.textAt(at).split('\n', 1)[0] ?? '');
}

const shorten = (text: string): string =>
  text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT - 1)}…` : text;
