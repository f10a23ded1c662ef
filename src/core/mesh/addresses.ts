import ipaddr from 'ipaddr.js';

/** Whether text is an IP address or a block of them, written in full as Go reads it. */
export function isAddressOrBlock(text: string): boolean {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return false;
  return slash < 0 || ipaddr.isValidCIDR(text);
}
