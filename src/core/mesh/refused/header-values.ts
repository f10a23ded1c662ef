/** `NAME%`, `NAME(text)%`, or `NAME(["text", "text"])%`, as Envoy's reader steps through it. */
const COMMAND = /^[^%(]*(?:%|\( *(?:\[ *"|[^[ ])(?:\\[^]|[^\\)"])*(?:" *, *"(?:\\[^]|[^\\)"])*)*(?:\)|" *\] *\)) *%)/;

/**
 * What Envoy cannot read in a header's value: a percent sign that begins no `%COMMAND%` and is not doubled. `undefined` when all
 * is well.
 */
export function headerValueProblem(value: string): string | undefined {
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return 'it has control characters';
  let rest = value;
  for (;;) {
    const percent = rest.indexOf('%');
    if (percent < 0) return undefined;
    rest = rest.slice(percent + 1);
    if (rest.startsWith('%')) rest = rest.slice(1);
    else if (rest === '') return 'a percent sign stands alone: double it';
    else {
      const command = COMMAND.exec(rest);
      if (!command) return 'a %COMMAND% has no end: double percent signs that begin none';
      rest = rest.slice(command[0].length);
    }
  }
}
