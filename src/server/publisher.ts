import type { Diagnostic } from 'vscode-languageserver';
import { findingSteps, type PlacedFinding } from '../features/findings.js';
import type { Session } from '../features/session.js';
import { diagnosticOf } from './convert.js';
import type { Environments } from './environments.js';
import type { Settings } from './settings.js';

/** The rule whose findings other extensions may tell, too. */
const SYNTAX_RULE = 'yaml-syntax-error';

/** Milliseconds after which others get their turn. */
const LONGEST_STEP = 12;

export interface PublisherOptions {
  readonly environments: Environments;
  readonly send: (uri: string, diagnostics: Diagnostic[]) => void;
  readonly isOpen: (uri: string) => boolean;
  readonly settings: () => Settings;
  readonly onRuleError: (rule: string, error: unknown) => void;
}

/** Sends the findings of all environments, file by file in the order of their names, and only where they have changed. */
export class Publisher {
  /** What each file was last told, as text. */
  private readonly sent = new Map<string, string>();
  private readonly latest = new WeakMap<
    Session,
    { readonly generation: number; readonly findings: readonly PlacedFinding[] }
  >();
  private errors = 0;
  private warnings = 0;

  constructor(private readonly options: PublisherOptions) {}

  /** How many errors and warnings there are in the workspace, shown or not. */
  get counts(): { readonly errors: number; readonly warnings: number } {
    return { errors: this.errors, warnings: this.warnings };
  }

  /** The findings of a file, unless its environment has changed since they were found: their places would be wrong. */
  findingsIn(session: Session, uri: string): readonly PlacedFinding[] {
    const known = this.latest.get(session);
    if (known?.generation !== session.workspace.generation) return [];
    return known.findings.filter((it) => it.span.uri === uri);
  }

  /** Returns false when it stopped because `isStale` said that there is something newer to look at. */
  async publish(isStale: () => boolean): Promise<boolean> {
    const { environments, settings, isOpen, send } = this.options;
    const { scope, yamlSyntax } = settings().diagnostics;
    const files = new Map<string, Diagnostic[]>();
    let errors = 0;
    let warnings = 0;
    for (const session of environments.sessions) {
      const findings = await this.findings(session, isStale);
      if (!findings) return false;
      this.latest.set(session, { generation: session.workspace.generation, findings });
      for (const it of findings) {
        if (it.rule === SYNTAX_RULE && !yamlSyntax) continue;
        if (it.severity === 'error') errors++;
        if (it.severity === 'warning') warnings++;
        const { uri } = it.span;
        if (scope === 'off' || (scope === 'openFiles' && !isOpen(uri))) continue;
        const list = files.get(uri) ?? [];
        list.push(diagnosticOf(session, it));
        files.set(uri, list);
      }
    }
    Object.assign(this, { errors, warnings });
    for (const uri of [...new Set([...files.keys(), ...this.sent.keys()])].sort()) {
      const diagnostics = files.get(uri) ?? [];
      const text = JSON.stringify(diagnostics);
      if ((this.sent.get(uri) ?? '[]') === text) continue;
      if (diagnostics.length > 0) this.sent.set(uri, text);
      else this.sent.delete(uri);
      send(uri, diagnostics);
    }
    return true;
  }

  /** Works them out in small steps, so that a keystroke or a request need not wait for all of them. */
  private async findings(session: Session, isStale: () => boolean): Promise<readonly PlacedFinding[] | undefined> {
    const severities = this.options.settings().diagnostics.severity;
    const steps = findingSteps(session, { severities, onError: this.options.onRuleError });
    let since = Date.now();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (Date.now() - since < LONGEST_STEP) continue;
      await pause();
      if (isStale()) return undefined;
      since = Date.now();
    }
  }
}

/** Lets everything run that waits for its turn. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
