import ipaddr from 'ipaddr.js';

/** Whether text is an IP address, written in full as Go reads it. */
export function isIp(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

/** Whether text is an IP address or a block of them. */
export function isAddressOrBlock(text: string): boolean {
  const slash = text.indexOf('/');
  return isIp(slash < 0 ? text : text.slice(0, slash)) && (slash < 0 || ipaddr.isValidCIDR(text));
}
