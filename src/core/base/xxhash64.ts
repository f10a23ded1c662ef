/*
 * Sixty-four bits as two halves of thirty-two: a ring has a thousand points, and big integers are some twenty times slower.
 */
interface Word {
  readonly high: number;
  readonly low: number;
}

const P1 = word(0x9e3779b1, 0x85ebca87);
const P2 = word(0xc2b2ae3d, 0x27d4eb4f);
const P3 = word(0x165667b1, 0x9e3779f9);
const P4 = word(0x85ebca77, 0xc2b2ae63);
const P5 = word(0x27d4eb2f, 0x165667c5);
const ZERO = word(0, 0);
const ROTATIONS = [1, 7, 12, 18] as const;

/** The 64-bit hash XXH64 of a text's UTF-8 bytes, with which Envoy places hosts and requests on a ring. */
export function xxHash64(text: string, seed = 0): bigint {
  const bytes = utf8(text);
  const start = word(0, seed);
  let at = 0;
  let hash: Word;
  if (bytes.length >= 32) {
    let lanes = [add(add(start, P1), P2), add(start, P2), start, add(start, negated(P1))];
    for (; at + 32 <= bytes.length; at += 32) lanes = lanes.map((it, lane) => round(it, read8(bytes, at + lane * 8)));
    hash = lanes.map((it, lane) => rotate(it, ROTATIONS[lane]!)).reduce(add);
    for (const lane of lanes) hash = add(multiply(xor(hash, round(ZERO, lane)), P1), P4);
  } else {
    hash = add(start, P5);
  }
  hash = add(hash, word(0, bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash = add(multiply(rotate(xor(hash, round(ZERO, read8(bytes, at))), 27), P1), P4);
  }
  if (at + 4 <= bytes.length) {
    hash = add(multiply(rotate(xor(hash, multiply(word(0, read4(bytes, at)), P1)), 23), P2), P3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash = multiply(rotate(xor(hash, multiply(word(0, bytes[at]!), P5)), 11), P1);
  hash = multiply(xor(hash, shifted(hash, 33)), P2);
  hash = multiply(xor(hash, shifted(hash, 29)), P3);
  hash = xor(hash, shifted(hash, 32));
  return (BigInt(hash.high) << 32n) | BigInt(hash.low);
}

function round(accumulator: Word, input: Word): Word {
  return multiply(rotate(add(accumulator, multiply(input, P2)), 31), P1);
}

function word(high: number, low: number): Word {
  return { high: high >>> 0, low: low >>> 0 };
}

function read4(bytes: readonly number[], at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function read8(bytes: readonly number[], at: number): Word {
  return word(read4(bytes, at + 4), read4(bytes, at));
}

function add(a: Word, b: Word): Word {
  const low = a.low + b.low;
  return word(a.high + b.high + (low > 0xffffffff ? 1 : 0), low);
}

function negated({ high, low }: Word): Word {
  return add(word(~high, ~low), word(0, 1));
}

function xor(a: Word, b: Word): Word {
  return word(a.high ^ b.high, a.low ^ b.low);
}

/** The lower half of the product, by parts of sixteen bits. */
function multiply(a: Word, b: Word): Word {
  const [a0, a1] = [a.low & 0xffff, a.low >>> 16];
  const [b0, b1] = [b.low & 0xffff, b.low >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const upper = a0 * b1 + (middle & 0xffff);
  const carry = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(upper / 0x10000);
  return word(carry + Math.imul(a.high, b.low) + Math.imul(a.low, b.high), Math.imul(a.low, b.low));
}

function rotate({ high, low }: Word, by: number): Word {
  return word((high << by) | (low >>> (32 - by)), (low << by) | (high >>> (32 - by)));
}

function shifted({ high, low }: Word, by: number): Word {
  if (by >= 32) return word(0, by === 32 ? high : high >>> (by - 32));
  return word(high >>> by, (low >>> by) | (high << (32 - by)));
}

function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}
