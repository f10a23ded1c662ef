import { defineObjectRule } from '../rule.js';

/** A Service with several ports does not tell them apart. */
export default defineObjectRule({
  id: 'service-multiport-unnamed',
  group: 'service',
  severity: 'error',
  title: 'Ports need names',
  why: 'The API server refuses the Service, so nothing leads to its pods.',
  remedy: 'Give each port a name of its own.',
  kinds: ['Service'],
  *check(service) {
    if (service.ports.length < 2) return;
    const names = new Map<string, (typeof service.ports)[number]>();
    const numbers = new Map<string, (typeof service.ports)[number]>();
    for (const port of service.ports) {
      const { name, protocol, port: number } = port;
      if (!name || name.value === '') {
        yield { at: number.at, message: `Port ${number.value} has no name; of several ports each needs one` };
        continue;
      }
      const twin = names.get(name.value);
      if (twin) {
        yield {
          at: name.at,
          message: `Two ports are called ${name.value}`,
          related: [{ at: twin.name!.at, message: 'the other one' }],
        };
      }
      names.set(name.value, twin ?? port);
      const key = `${protocol} ${number.value}`;
      const same = numbers.get(key);
      if (same) {
        yield {
          at: number.at,
          message: `Port ${number.value} comes twice`,
          related: [{ at: same.port.at, message: 'the other one' }],
        };
      }
      numbers.set(key, same ?? port);
    }
  },
});
