import { GRPC_CODES } from '../../base/grpc-codes.js';
import type { Fields } from '../../model/fields.js';
import { HTTP_STATUS } from '../../model/http-status.js';
import {
  checkDestination,
  checkDuration,
  checkPercent,
  checkPort,
  checkRegex,
  checkWord,
  isSet,
  type Problems,
} from './checks.js';

/** ACT-7 */
export function* checkFault(fault: Fields | undefined): Problems {
  if (!fault) return;
  const delay = fault.fields('delay');
  const abort = fault.fields('abort');
  if (!delay && !abort) yield { at: fault.at, because: 'a fault needs a delay or an abort', rules: ['ACT-7'] };
  if (abort) {
    yield* checkPercent(abort, 'percentage');
    const status = abort.number('httpStatus');
    if (status) yield* checkStatus(status);
    const grpc = abort.string('grpcStatus');
    if (grpc && !GRPC_CODES.includes(grpc.value)) {
      yield { at: grpc.at, because: `gRPC has no status called ${grpc.value}`, rules: ['ACT-7'] };
    }
    if (isSet(abort, 'http2Error')) {
      yield { at: abort.keyAt('http2Error'), because: 'http2Error is not supported', rules: ['ACT-7'] };
    }
  }
  if (delay) {
    yield* checkPercent(delay, 'percentage');
    yield* checkDuration(delay, 'fixedDelay');
    if (isSet(delay, 'exponentialDelay')) {
      yield { at: delay.keyAt('exponentialDelay'), because: 'exponentialDelay is not supported', rules: ['ACT-7'] };
    }
  }
}

function* checkStatus(status: { readonly value: number; readonly at: Fields['at'] }): Problems {
  if (status.value < 200 || status.value > 600) {
    yield {
      at: status.at,
      because: `HTTP status ${status.value} is not between 200 and 599`,
      rules: ['ACT-3', 'ACT-7'],
    };
  }
}

/** ACT-9 */
export function* checkMirrors(entry: Fields): Problems {
  const mirror = entry.fields('mirror');
  if (mirror) yield* checkDestination(mirror, entry, 'mirror');
  yield* checkMirrorPercent(entry, 'mirrorPercentage');
  for (const it of entry.list('mirrors')) {
    yield* checkDestination(it.fields('destination'), it, 'destination');
    yield* checkMirrorPercent(it, 'percentage');
  }
  const old = entry.number('mirrorPercent');
  if (old && old.value > 100) yield { at: old.at, because: `${old.value} is more than 100 %`, rules: ['ACT-9'] };
}

function* checkMirrorPercent(from: Fields, key: string): Problems {
  const value = from.fields(key)?.number('value');
  if (value && (value.value < 0 || value.value > 100)) {
    yield { at: value.at, because: `${value.value} is not between 0 and 100 %`, rules: ['ACT-9'] };
  }
}

/** ACT-2 */
export function* checkRedirect(entry: Fields): Problems {
  const redirect = entry.fields('redirect');
  if (!redirect) return;
  const text = (key: string): string => redirect.string(key)?.value ?? '';
  const rules = ['ACT-2'];
  if (text('uri') !== '' && text('prefixRewrite') !== '') {
    yield { at: redirect.keyAt('prefixRewrite'), because: 'a redirect has either uri or prefixRewrite', rules };
  }
  if (text('prefixRewrite') !== '') {
    for (const uri of entry.list('match').map((it) => it.fields('uri'))) {
      if (uri && !uri.has('prefix')) {
        yield { at: uri.at, because: 'prefixRewrite needs matches by prefix', rules };
      }
    }
  }
  const empty = ['uri', 'prefixRewrite', 'authority', 'scheme'].every((it) => text(it) === '');
  if (empty && !isSet(redirect, 'port') && !isSet(redirect, 'derivePort')) {
    yield { at: redirect.at, because: 'a redirect needs uri, authority, scheme or port', rules };
  }
  const code = redirect.number('redirectCode');
  if (code && code.value !== 0 && (code.value < 300 || code.value > 399)) {
    yield { at: code.at, because: `${code.value} is no code of a redirect: they are 3xx`, rules };
  }
  if (text('scheme') !== '') yield* checkWord(redirect, 'scheme', ['http', 'https']);
  yield* checkWord(redirect, 'derivePort', ['FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT']);
  const port = redirect.number('port');
  if (port && port.value > 0) yield* checkPort(port);
}

/** ACT-3 */
export function* checkDirectResponse(direct: Fields | undefined): Problems {
  if (!direct) return;
  const body = direct.fields('body');
  const text = body?.string('string') ?? body?.string('bytes');
  if (text && text.value.length > 1024 * 1024)
    yield { at: text.at, because: 'the body is larger than 1 MB', rules: ['ACT-3'] };
  yield* checkStatus(direct.number('status') ?? { value: 0, at: direct.at });
}

const RETRY_ON = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

/** ACT-6 */
export function* checkRetries(retries: Fields | undefined): Problems {
  if (!retries) return;
  const rules = ['ACT-6'];
  const attempts = retries.number('attempts');
  const retryOn = retries.string('retryOn');
  if (attempts && attempts.value < 0) yield { at: attempts.at, because: 'attempts is below zero', rules };
  const extra = ['perTryTimeout', 'retryRemoteLocalities'].find((it) => isSet(retries, it));
  const set = extra ?? (retryOn && retryOn.value !== '' ? 'retryOn' : undefined);
  if ((attempts?.value ?? 0) === 0 && set !== undefined) {
    yield {
      at: retries.keyAt(set),
      because: `without attempts, which turns retries off, ${set} is not allowed`,
      rules,
    };
  }
  yield* checkDuration(retries, 'perTryTimeout');
  for (const word of retryOn && retryOn.value !== '' ? retryOn.value.split(',') : []) {
    const code = /^[-+]?\d+$/.test(word) ? Number(word) : 0;
    if (!HTTP_STATUS.has(code) && !RETRY_ON.has(word)) {
      yield { at: retryOn!.at, because: `retryOn has no condition «${word}»`, rules };
    }
  }
  yield* checkDuration(retries, 'backoff');
}

/** ACT-4 */
export function* checkRewrite(rewrite: Fields | undefined): Problems {
  if (!rewrite) return;
  const rules = ['ACT-4'];
  const text = (key: string): string => rewrite.string(key)?.value ?? '';
  const regex = rewrite.fields('uriRegexRewrite');
  if (text('uri') !== '' && regex) {
    yield { at: rewrite.keyAt('uriRegexRewrite'), because: 'a rewrite has either uri or uriRegexRewrite', rules };
  }
  if (text('uri') === '' && !regex && text('authority') === '') {
    yield { at: rewrite.at, because: 'a rewrite needs uri, uriRegexRewrite or authority', rules };
  }
  if (!regex) return;
  const match = regex.string('match');
  if (!match?.value || !regex.string('rewrite')?.value) {
    yield { at: regex.at, because: 'uriRegexRewrite needs both match and rewrite', rules };
  } else yield* checkRegex(match, 'uriRegexRewrite');
}
