import type { PeerAuthentication, RequestAuthentication } from '../model/security.js';
import { said, wrongSelector, wrongTarget, wrongWord, type Mistake } from './refused-parts.js';
import type { Refusal } from './refused.js';

/*
 * What Istio's webhook would not take of security policies (GEN-10, META-4). A refused policy is no policy: a STRICT one with a
 * mistake leaves the door open.
 */

export function peerAuthenticationRefusal(it: PeerAuthentication): Refusal | undefined {
  const spec = it.body.fieldsOrEmpty('spec');
  const ports = spec.fields('portLevelMtls');
  const wrongPort = ports
    ?.keyNames()
    .find(({ value }) => !/^\d+$/.test(value) || Number(value) < 1 || Number(value) > 65535);
  const modes = [spec.fields('mtls'), ...(ports?.keys() ?? []).map((key) => ports!.fields(key))];
  const unselected = !it.selector || it.selector.labels.size === 0;
  return (
    wrongWord(modes, 'mode', ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT']) ??
    (ports && unselected && ports.keys().length > 0
      ? said(spec.keyAt('portLevelMtls'), 'Ports can be named only together with a selector', 'PA-2')
      : undefined) ??
    (ports?.keys().length === 0 ? said(spec.keyAt('portLevelMtls'), 'portLevelMtls names no port') : undefined) ??
    (wrongPort && said(wrongPort.at, `${wrongPort.value} is no port`)) ??
    wrongSelector(it.selector)
  );
}

export function requestAuthenticationRefusal(it: RequestAuthentication): Refusal | undefined {
  const mistakes = it.jwtRules.map((rule): Mistake => {
    const { issuer, audiences, jwksUri, fromHeaders, fromParams, fromCookies, outputClaimToHeaders } = rule;
    const empty = [...audiences, ...fromHeaders.map((header) => header.name), ...fromParams, ...fromCookies].find(
      ({ value }) => value === '',
    );
    const output = outputClaimToHeaders.find(({ header, claim }) => claim === '' || !/^[-_A-Za-z0-9]+$/.test(header));
    return (
      (issuer.value === '' && !jwksUri ? said(rule.at, 'A rule needs an issuer or a jwksUri') : undefined) ??
      (jwksUri && !/^https?:\/\//.test(jwksUri.value)
        ? said(jwksUri.at, `${jwksUri.value} is no http(s) address`)
        : undefined) ??
      (empty && said(empty.at, 'An empty text says nothing')) ??
      (output &&
        said(rule.at, `outputClaimToHeaders needs a claim and a header name, has ${output.claim} and ${output.header}`))
    );
  });
  const written = it.body.fieldsOrEmpty('spec').list('jwtRules');
  const nameless = written.flatMap((rule) => rule.list('fromHeaders')).find((header) => !header.string('name'));
  const hasty = it.jwtRules.map(({ timeout }) => timeout).find((timeout) => timeout && timeout.value < 0.001);
  return (
    wrongTarget(it) ??
    mistakes.find((mistake) => mistake) ??
    (nameless && said(nameless.at, 'fromHeaders needs a name')) ??
    (hasty && said(hasty.at, 'A timeout must be greater than 1ms'))
  );
}
