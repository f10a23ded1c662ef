/** What a user can set, with everything unset filled in. */
export interface Settings {
  readonly diagnostics: {
    readonly scope: 'workspace' | 'openFiles' | 'off';
    /** Severity by rule id; `off` silences it. */
    readonly severity: Readonly<Record<string, Severity>>;
    /** Whether errors of the YAML text itself are ours to tell; the client knows if another extension does. */
    readonly yamlSyntax: boolean;
  };
  readonly codeLens: boolean;
  /** Globs of what is left out of the mesh, those of `files.exclude` included. */
  readonly exclude: readonly string[];
}

export type Severity = 'error' | 'warning' | 'information' | 'hint' | 'off';

const ALWAYS_EXCLUDED = ['**/node_modules', '**/.git'];
const SEVERITIES: readonly unknown[] = ['error', 'warning', 'information', 'hint', 'off'];

/** Reads the sections `packetsEye` and `files` of a user's settings; whatever has the wrong type counts as unset. */
export function readSettings(packetsEye: unknown, files: unknown): Settings {
  const own = record(packetsEye);
  const diagnostics = record(own['diagnostics']);
  const scope = diagnostics['scope'];
  const severity = Object.entries(record(diagnostics['severity'])).filter(([, value]) => SEVERITIES.includes(value));
  const excluded = [record(record(files)['exclude']), record(own['exclude'])].flatMap((it) =>
    Object.entries(it).flatMap(([glob, value]) => (value === true ? [glob] : [])),
  );
  return {
    diagnostics: {
      scope: scope === 'openFiles' || scope === 'off' ? scope : 'workspace',
      severity: Object.fromEntries(severity) as Record<string, Severity>,
      yamlSyntax: diagnostics['yamlSyntax'] !== 'never',
    },
    codeLens: record(own['codeLens'])['enabled'] !== false,
    exclude: [...ALWAYS_EXCLUDED, ...excluded],
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
