/** Signs of one hand: strokes in a square of 16, drawn in the colour of the text around them. */
const PATHS = {
  // places
  client: 'M2.5 3.5h11v9h-11zM2.5 6h11M4.5 4.8h.1M6 4.8h.1',
  app: 'M2.5 3.5h11v9h-11zM2.5 6h11M6.5 8l-1.5 1.5 1.5 1.5M9.5 8l1.5 1.5-1.5 1.5',
  dns: 'M8 2v12M8 3.5h4l1.5 1.5-1.5 1.5H8M8 8H4L2.5 9.5 4 11h4M6 14h4',
  iptables: 'M2.5 3h11L9.5 8v4.5L6.5 14V8z',
  sidecar: 'M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM5.2 8h5.3M8.5 6l2 2-2 2',
  gateway: 'M2.5 13.5V7.5a5.5 5.5 0 0 1 11 0v6M2 13.5h12M6 13.5V8a2 2 0 0 1 4 0v5.5',
  node: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.1M5 11h.1M8 5h3M8 11h3',
  external: 'M4.5 12.5a2.8 2.8 0 0 1-.3-5.6 4 4 0 0 1 7.7.8 2.45 2.45 0 0 1-.4 4.8z',
  'kube-apiserver': 'M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM8 1.5v13M1.5 8h13M3.4 3.4l9.2 9.2M12.6 3.4l-9.2 9.2',
  istiod: 'M3 4h10M3 8h10M3 12h10M6 2.8v2.4M10.5 6.8v2.4M5 10.8v2.4',
  ca: 'M5.5 7.8a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM7.4 8.6 13 3M11 5l1.8 1.8M9.3 6.7l1.2 1.2',
  // boxes
  pod: 'M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.6 4.9 8 8l5.4-3.1M8 8v6.2',
  edge: 'M2.5 13.5V7.5a5.5 5.5 0 0 1 11 0v6M2 13.5h12M6 13.5V8a2 2 0 0 1 4 0v5.5',
  outside: 'M4.5 12.5a2.8 2.8 0 0 1-.3-5.6 4 4 0 0 1 7.7.8 2.45 2.45 0 0 1-.4 4.8z',
  'control-plane': 'M3 4h10M3 8h10M3 12h10M6 2.8v2.4M10.5 6.8v2.4M5 10.8v2.4',
  // states
  ok: 'M3 8.5l3.5 3.5L13 4.5',
  broken: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1',
  unknown: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.25C8.3 8.7 8 9.1 8 10M8 12.2v.1',
  // actions
  previous: 'M10 3.5 5.5 8l4.5 4.5',
  next: 'M6 3.5 10.5 8 6 12.5',
  play: 'M5 3.2v9.6L12.5 8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  pin: 'M6 2.5h4M7 2.5v4L4.5 9v1h7V9L9 6.5v-4M8 10v4',
  export: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 12.5v1h10v-1',
  layers: 'M8 2.5 14 5.5 8 8.5 2 5.5zM2.5 8.3 8 11l5.5-2.7M2.5 11 8 13.7l5.5-2.7',
  diagram: 'M3.5 2.5v11M12.5 2.5v11M3.5 6h8M9.5 4.3 11.3 6 9.5 7.7M12.5 10.5h-8M6.5 8.8l-1.8 1.7 1.8 1.7',
  text: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  fold: 'M1.5 8H6.5M4.5 6l2 2-2 2M14.5 8H9.5M11.5 6l-2 2 2 2M8 3v10',
  unfold: 'M6.5 8H1.5M3.5 6l-2 2 2 2M9.5 8h5M12.5 6l2 2-2 2M8 3v10',
} as const;

export type IconName = keyof typeof PATHS;

/** A sign for the eye only: whatever it says is also said in words. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The same sign inside of a drawing. */
export function DrawnIcon({
  name,
  x,
  y,
  size = 16,
  class: className = '',
}: {
  readonly name: IconName;
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly class?: string;
}) {
  return (
    <path class={`icon-path ${className}`} transform={`translate(${x} ${y}) scale(${size / 16})`} d={PATHS[name]} />
  );
}
