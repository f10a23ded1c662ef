import { entriesOf } from '../entries.js';
import { defineObjectRule } from '../rule.js';

/** The timeout of a route ends its retries before they can be made. */
export default defineObjectRule({
  id: 'virtualservice-retries-cannot-fit-timeout',
  group: 'routing',
  severity: 'warning',
  title: 'Retries do not fit into the timeout',
  why: 'The timeout is for all tries together: when the first ones take as long as they may, the last ones are cut off with 504 and flag UT.',
  remedy: 'Make perTryTimeout times the number of tries (attempts and one more) fit into timeout.',
  kinds: ['VirtualService'],
  *check(it) {
    for (const { http } of entriesOf(it)) {
      const { timeout, retries } = http ?? {};
      const each = retries?.perTryTimeout;
      const attempts = retries?.attempts?.value ?? 2;
      if (!timeout || !each || attempts <= 0) continue;
      const related = [{ at: timeout.at, message: `${seconds(timeout.value)} for all tries together` }];
      if (each.value >= timeout.value) {
        yield {
          at: each.at,
          message: `One try may take ${seconds(each.value)}, all together ${seconds(timeout.value)}: there is never a second`,
          related,
        };
      } else if (each.value * (attempts + 1) > timeout.value + 1e-9) {
        const fit = Math.floor(timeout.value / each.value + 1e-9);
        const message = `${attempts + 1} tries of ${seconds(each.value)} do not fit into ${seconds(timeout.value)}: only ${fit} ${fit === 1 ? 'does' : 'do'}`;
        yield { at: each.at, message, severity: 'information', related };
      }
    }
  },
});

function seconds(value: number): string {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${Math.round(value * 100) / 100} s`;
}
