import type { PeerAuthentication, RequestAuthentication } from '../../model/security.js';
import { checkWord, type Problems } from './checks.js';
import { checkPolicySelector, checkTarget, said } from './policy-parts.js';

/*
 * What Istio's webhook would not take of security policies (GEN-10, META-4). A refused policy is no policy: a STRICT one with a
 * mistake leaves the door open.
 */

const PEER_MODES = ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'];

export function* checkPeerAuthentication(it: PeerAuthentication): Problems {
  const spec = it.body.fieldsOrEmpty('spec');
  const ports = spec.fields('portLevelMtls');
  const names = ports?.keyNames() ?? [];
  for (const mtls of [spec.fields('mtls'), ...names.map(({ value }) => ports!.fields(value))])
    if (mtls) yield* checkWord(mtls, 'mode', PEER_MODES);
  const unselected = !it.selector || it.selector.labels.size === 0;
  if (names.length > 0 && unselected)
    yield said(spec.keyAt('portLevelMtls'), 'Ports can be named only together with a selector', 'PA-2');
  if (ports && names.length === 0) yield said(spec.keyAt('portLevelMtls'), 'portLevelMtls names no port');
  for (const { value, at } of names)
    if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > 65535) yield said(at, `${value} is no port`);
  yield* checkPolicySelector(spec);
}

export function* checkRequestAuthentication(it: RequestAuthentication): Problems {
  const spec = it.body.fieldsOrEmpty('spec');
  yield* checkTarget(spec);
  for (const rule of it.jwtRules) {
    const { issuer, audiences, jwksUri, fromHeaders, fromParams, fromCookies, outputClaimToHeaders } = rule;
    if (issuer.value === '' && !jwksUri) yield said(rule.at, 'A rule needs an issuer or a jwksUri');
    if (jwksUri && !/^https?:\/\//.test(jwksUri.value))
      yield said(jwksUri.at, `${jwksUri.value} is no http(s) address`);
    for (const { value, at } of [...audiences, ...fromHeaders.map(({ name }) => name), ...fromParams, ...fromCookies])
      if (value === '') yield said(at, 'An empty text says nothing');
    for (const { header, claim } of outputClaimToHeaders)
      if (claim === '' || !/^[-_A-Za-z0-9]+$/.test(header))
        yield said(rule.at, `outputClaimToHeaders needs a claim and a header name, has ${claim} and ${header}`);
  }
  for (const header of spec.list('jwtRules').flatMap((rule) => rule.list('fromHeaders')))
    if (!header.string('name')) yield said(header.at, 'fromHeaders needs a name');
  for (const { timeout } of it.jwtRules)
    if (timeout && timeout.value < 0.001) yield said(timeout.at, 'A timeout must be greater than 1ms');
}
