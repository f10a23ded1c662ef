import type { Token } from './request.js';

/** A token as a proxy reads it. */
export interface ReadToken {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expired: boolean;
  readonly badSignature: boolean;
  /** Why it is no token at all, in Envoy's words. */
  readonly malformed?: string;
  /** What had to be believed of a token that somebody pasted: we hold no keys and no clock. */
  readonly assumed?: string;
}

/** The token that a request was said to carry. */
export function describedToken(token: Token): ReadToken {
  const audience = audiencesOf(token.aud);
  const claims: Record<string, unknown> = { ...token.claims, iss: token.iss ?? '' };
  if (token.sub !== undefined) claims['sub'] = token.sub;
  if (audience.length > 0) claims['aud'] = audience.length === 1 ? audience[0] : audience;
  return {
    issuer: token.iss ?? '',
    audiences: audience,
    claims,
    expired: token.expired ?? false,
    badSignature: token.badSignature ?? false,
  };
}

/** A token as text; its signature cannot be checked here. */
export function parseToken(text: string): ReadToken {
  const parts = text.split('.');
  if (parts.length !== 3 || parts.includes('')) {
    return broken('Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections');
  }
  const [header, payload, signature] = parts.map(decodeBase64Url);
  if (header === undefined) return broken('Jwt header is an invalid Base64url encoded');
  const head = parseObject(header);
  if (!head) return broken('Jwt header is an invalid JSON');
  if (typeof head['alg'] !== 'string') return broken('Jwt header [alg] field is required and must be a string');
  if (!/^(RS|ES|HS|PS)(256|384|512)$|^EdDSA$/.test(head['alg'])) return broken('Jwt header [alg] is not supported');
  if (payload === undefined) return broken('Jwt payload is an invalid Base64url encoded');
  const claims = parseObject(payload);
  if (!claims) return broken('Jwt payload is an invalid JSON');
  if (signature === undefined) return broken('Jwt signature is an invalid Base64url encoded');
  return {
    issuer: typeof claims['iss'] === 'string' ? claims['iss'] : '',
    audiences: audiencesOf(claims['aud']),
    claims,
    expired: false,
    badSignature: false,
    assumed: `The token's signature and times are taken to be good`,
  };
}

function broken(malformed: string): ReadToken {
  return { issuer: '', audiences: [], claims: {}, expired: false, badSignature: false, malformed };
}

function audiencesOf(aud: unknown): string[] {
  const list: unknown[] = Array.isArray(aud) ? aud : [aud];
  return list.filter((it): it is string => typeof it === 'string');
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** UTF-8 text out of base64url; `undefined` for anything else. Bytes that are no UTF-8, as in signatures, are left as they are. */
function decodeBase64Url(text: string): string | undefined {
  let bits = 0;
  let held = 0;
  let bytes = '';
  // blanks are passed over, as Envoy does
  for (const character of text.replace(/={1,2}$/, '').replace(/\s/g, '')) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += String.fromCharCode((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  if (bits >= 6) return undefined;
  try {
    return decodeURIComponent([...bytes].map((it) => `%${it.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return bytes;
  }
}
