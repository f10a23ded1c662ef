import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { layoutScene, SIZES, type Layout, type RowLayout } from '../../webview/sequence/layout.js';
import { fit, fitName, wrap, type Measure } from '../../webview/sequence/text.js';
import { sceneOf } from '../../webview/sequence/visible.js';
import { shown } from '../support/panel.js';
import { traces } from '../support/traces.js';

/** Every character alike: what is tested is where things stand, not a font. */
const measure: Measure = (text, style) => [...text].length * (style === 'strong' ? 7 : 6.5);

const branches = Object.values(traces).flatMap((it) => shown(it).branches);
const branch = fc.constantFrom(...branches);
const width = fc.integer({ min: 250, max: 1800 });
const options = fc.record({ controlPlane: fc.boolean(), isFolded: fc.boolean() });

const drawing = fc.record({ branch, width, options }).map(({ branch, width, options: { controlPlane, isFolded } }) => {
  const folded = new Set(isFolded ? branch.boxes.map((it) => it.id) : []);
  const scene = sceneOf(branch, { controlPlane, folded });
  return { scene, width, layout: layoutScene(scene, width, measure) };
});

describe('layout of a sequence', () => {
  const holds = (name: string, check: (it: { layout: Layout; width: number }) => void): void => {
    it(name, () => fc.assert(fc.property(drawing, check), { numRuns: 300 }));
  };

  holds('stacks rows in the order of time, without gaps or overlaps', ({ layout }) => {
    let y = layout.rows[0]?.y ?? 0;
    for (const row of layout.rows) {
      assert.equal(row.y, y);
      y += row.height;
    }
    assert.ok(y <= layout.height);
  });

  holds('gives each lane a place of its own, from left to right', ({ layout }) => {
    for (const [index, { x }] of layout.lanes.entries()) {
      const before = layout.lanes[index - 1];
      if (before) assert.ok(x - before.x >= SIZES.minPitch);
    }
  });

  holds('keeps boxes apart and around their lanes', ({ layout }) => {
    let right = 0;
    for (const { box, x, width: boxWidth } of layout.boxes) {
      assert.ok(x >= right);
      right = x + boxWidth;
      for (const id of box.lanes) {
        const lane = layout.lanes.find((it) => it.lane.id === id);
        assert.ok(lane && x < lane.x && lane.x < right);
      }
    }
    assert.ok(right <= layout.width);
  });

  holds('keeps texts inside, in rows of their own, and no wider than what can be seen', ({ layout, width }) => {
    for (const { text, height } of layout.rows) {
      assert.ok(text.x >= 0 && text.x + text.width <= layout.width, 'inside');
      assert.ok(text.width <= width, 'visible at once');
      assert.ok(text.y >= 0 && text.y + text.lines.length * SIZES.lineHeight <= height, 'in its row');
    }
  });

  holds('lets no text lie on its own number', ({ layout }) => {
    for (const row of layout.rows) if (row.step.number !== undefined) assert.ok(!overlaps(row), row.step.text);
  });

  holds('keeps names of neighbouring lanes apart', ({ layout }) => {
    if (layout.density === 'icon') return;
    const style = layout.density === 'full' ? 'strong' : 'small';
    for (const [index, lane] of layout.lanes.entries()) {
      const next = layout.lanes[index + 1];
      if (next) assert.ok((measure(lane.label, style) + measure(next.label, style)) / 2 <= next.x - lane.x);
    }
  });

  holds('tracks the packet without a break', ({ layout }) => {
    for (const it of layout.track) assert.ok(it.y1 < it.y2 && it.y2 <= layout.height);
    for (const [index, it] of layout.track.entries()) {
      const before = layout.track[index - 1];
      if (before) assert.equal(before.y2, it.y1);
    }
  });

  it('uses the whole width, down to a pitch that can be read, and scrolls beyond it', () => {
    const scene = sceneOf(shown(traces.canary).branches[0] ?? assert.fail(), {
      controlPlane: false,
      folded: new Set(),
    });
    assert.equal(layoutScene(scene, 1200, measure).width, 1200);
    assert.equal(layoutScene(scene, 1200, measure).density, 'full');
    assert.equal(layoutScene(scene, 600, measure).density, 'compact');
    assert.deepEqual([layoutScene(scene, 250, measure).width, layoutScene(scene, 250, measure).density], [250, 'icon']);
    assert.ok(layoutScene(scene, 150, measure).width > 150);
  });

  it('colours the track red only from where the path breaks', () => {
    const scene = sceneOf(shown(traces.canary).branches[1] ?? assert.fail(), {
      controlPlane: false,
      folded: new Set(),
    });
    const { track } = layoutScene(scene, 800, measure);
    assert.deepEqual(track.map((it) => it.state).slice(-2), ['ok', 'broken']);
  });

  it('draws a folded pod as one lane in which its steps stay', () => {
    const [drawn] = shown(traces.canary).branches;
    assert.ok(drawn);
    const folded = new Set(drawn.boxes.map((it) => it.id));
    const scene = sceneOf(drawn, { controlPlane: false, folded });
    assert.deepEqual(
      scene.lanes.map((it) => it.label),
      ['productpage', 'kube-dns', 'kube-proxy', 'reviews-v1'],
    );
    assert.equal(scene.steps.length, drawn.messages.filter((it) => it.kind !== 'control').length);
    assert.ok(scene.steps.every((it) => scene.lanes.some((lane) => lane.id === it.from)));
  });
});

function overlaps({ from, lineY, text }: RowLayout): boolean {
  const { mark, lineHeight } = SIZES;
  const isBeside = text.x >= from + mark || text.x + text.width <= from - mark;
  const isAbove = text.y + text.lines.length * lineHeight <= lineY - mark;
  return !isBeside && !isAbove;
}

describe('texts of a drawing', () => {
  const anyText = fc.string({ unit: fc.constantFrom(...'abc|/.-: →é🚀'), maxLength: 60 });

  it('fit their room', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 300 }), (text, room) => {
        for (const shorten of [fit, fitName]) {
          const short = shorten(text, room, 'normal', measure);
          assert.ok(measure(short, 'normal') <= room);
          if (measure(text, 'normal') <= room) assert.equal(short, text);
        }
      }),
    );
  });

  it('break into lines that hold all of them, or say that something is missing', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 20, max: 300 }), fc.integer({ min: 1, max: 4 }), (text, room, most) => {
        const lines = wrap(text, room, most, 'normal', measure);
        assert.ok(lines.length >= 1 && lines.length <= most);
        for (const it of lines) assert.ok(measure(it, 'normal') <= room);
        const squeeze = (it: string): string => it.replace(/\s+/g, '');
        const told = squeeze(lines.join(''));
        assert.ok(told === squeeze(text) || (told.endsWith('…') && squeeze(text).startsWith(told.slice(0, -1))));
      }),
    );
  });

  it('break long names where they have joints', () => {
    assert.deepEqual(wrap('find cluster: outbound|9080|v1|reviews.shop.svc.cluster.local', 240, 2, 'normal', measure), [
      'find cluster: outbound|9080|v1|',
      'reviews.shop.svc.cluster.local',
    ]);
  });

  it('keep the end of a name, by which names differ', () => {
    assert.equal(fitName('east-west-gateway-12', 80, 'normal', measure), 'east-wes…-12');
  });
});
