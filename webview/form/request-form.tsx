import { computed, effect, signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TraceRequest } from '../../src/core/trace/request.js';
import { requesterTitle } from '../../src/features/request-text.js';
import { post } from '../host.js';
import { Icon } from '../icons.js';
import { busy, diagram, onShow, suggestions } from '../state.js';
import { Combobox } from './combobox.js';
import { draftOf, requestOf, sameRequest, type Draft } from './draft.js';

const EMPTY: TraceRequest = { from: { pod: '' }, to: { host: '' } };
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** As long as a person types, the mesh is left in peace. */
const PAUSE = 250;

const draft = signal<Draft>({ ...draftOf(EMPTY), from: '', url: '' });
const read = computed(() => requestOf(draft.value));
const touched = signal(false);
/** The row of headers that was just added and is there to be filled in. */
const added = signal(-1);

/** The request that was asked for last and has not come back yet, or that is still being typed. */
let awaited: TraceRequest | 'typing' | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

onShow(({ request }) => {
  if (awaited === 'typing' ? isEdited() : awaited && !sameRequest(awaited, request)) return;
  // the answer to what the form says: the form stays as it was typed
  if (typeof awaited !== 'object') draft.value = draftOf(request);
  awaited = undefined;
  touched.value = false;
});

const isEdited = (): boolean => document.activeElement?.closest('form.request') != null;

// a failed trace is no reason to wait for its answer
effect(() => {
  if (!busy.value && awaited !== 'typing') awaited = undefined;
});

function edit(change: Partial<Draft>, when: 'soon' | 'now' = 'soon'): void {
  draft.value = { ...draft.value, ...change };
  touched.value = true;
  awaited = 'typing';
  clearTimeout(timer);
  if (when === 'now') trace();
  else timer = setTimeout(trace, PAUSE);
}

function trace(): void {
  clearTimeout(timer);
  const it = read.value;
  if ('problem' in it) return;
  // what is shown already may come back unsaid
  const isShown = diagram.value !== undefined && sameRequest(diagram.value.request, it.request);
  awaited = isShown ? undefined : it.request;
  busy.value = !isShown;
  post({ type: 'trace', request: it.request });
}

/** Who asks for what; every edit is traced at once. */
export function RequestForm() {
  const { from, method, url, headers, sni } = draft.value;
  const problem = touched.value && 'problem' in read.value ? read.value : undefined;
  const hasMethod = !/^(tcp|tls):/.test(url);
  const hasSni = /^(https|tls):/.test(url) || sni !== '';
  return (
    <form
      class="request"
      aria-label="Request"
      onSubmit={(event) => {
        event.preventDefault();
        trace();
      }}
    >
      <div class="request-line">
        <label class="field from">
          <span class="field-name">from</span>
        </label>
        <Combobox
          class="from"
          label="From"
          placeholder="namespace/workload"
          value={from}
          invalid={problem?.field === 'from'}
          options={requesters.value}
          onInput={(it) => edit({ from: it })}
          onChoose={(it) => edit({ from: it }, 'now')}
        />
        {hasMethod && (
          <select
            aria-label="Method"
            class="method"
            value={method}
            onChange={(event) => edit({ method: event.currentTarget.value }, 'now')}
          >
            {(METHODS.includes(method) || !method ? METHODS : [method, ...METHODS]).map((it) => (
              <option key={it} value={it}>
                {it}
              </option>
            ))}
          </select>
        )}
        <Combobox
          class="url"
          label="URL"
          placeholder="http://host:port/path"
          value={url}
          invalid={problem?.field === 'url'}
          options={urls.value}
          onInput={(it) => edit({ url: it })}
          onChoose={(it) => edit({ url: it }, 'now')}
        />
        <button
          type="button"
          class="icon-button"
          title="Add a header"
          aria-label="Add a header"
          onClick={() => {
            added.value = headers.length;
            edit({ headers: [...headers, { name: '', value: '' }] });
          }}
        >
          <Icon name="plus" />
        </button>
      </div>
      {(hasSni || headers.length > 0) && (
        <div class="extras">
          {headers.map((header, index) => (
            <HeaderFields key={index} header={header} index={index} />
          ))}
          {hasSni && (
            <div class="pair">
              <span class="field-name">SNI</span>
              <input
                type="text"
                aria-label="SNI"
                placeholder="as the host"
                spellcheck={false}
                value={sni}
                onInput={(event) => edit({ sni: event.currentTarget.value })}
              />
            </div>
          )}
        </div>
      )}
      <p class="problem" role="alert">
        {problem && (
          <>
            <Icon name="warning" size={14} /> {problem.problem}
          </>
        )}
      </p>
    </form>
  );
}

function HeaderFields({ header, index }: { readonly header: Draft['headers'][number]; readonly index: number }) {
  const { headers } = draft.value;
  const name = useRef<HTMLInputElement>(null);
  // Before the next key can come, which would else go nowhere.
  useLayoutEffect(() => {
    if (added.value !== index) return;
    name.current?.focus();
    added.value = -1;
  }, [index]);
  const change = (part: Partial<typeof header>): void =>
    edit({ headers: headers.map((it, i) => (i === index ? { ...it, ...part } : it)) });
  return (
    <div class="pair">
      <input
        type="text"
        class="name"
        aria-label={`Name of header ${index + 1}`}
        placeholder="header"
        spellcheck={false}
        value={header.name}
        ref={name}
        onInput={(event) => change({ name: event.currentTarget.value })}
      />
      <input
        type="text"
        class="value"
        aria-label={`Value of header ${index + 1}`}
        placeholder="value"
        spellcheck={false}
        value={header.value}
        onInput={(event) => change({ value: event.currentTarget.value })}
      />
      <button
        type="button"
        class="icon-button"
        title={`Remove header ${header.name}`}
        aria-label={`Remove header ${header.name || index + 1}`}
        onClick={() => edit({ headers: headers.filter((_, i) => i !== index) }, 'now')}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

const requesters = computed(() => [
  ...suggestions.value.workloads,
  ...suggestions.value.gateways.map((gateway) => requesterTitle({ gateway })),
]);

const urls = computed(() => {
  const { url } = draft.value;
  const [, scheme = 'http://', path = '/'] = /^([a-z0-9]+:\/\/)?[^/]*(\/.*)?$/i.exec(url) ?? [];
  return suggestions.value.hosts.map(
    (it) => `${/:443$/.test(it) && scheme === 'http://' ? 'https://' : scheme}${it}${path}`,
  );
});
