import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.js';
import { branch, copy, diagram, mermaid } from './state.js';

/** The branch as Mermaid draws it, and the text to paste elsewhere. Mermaid itself is loaded when this is first shown. */
export function MermaidView() {
  const asked = mermaid.value;
  const text = asked && asked.branch === branch.value?.id ? asked.text : undefined;
  const [picture, setPicture] = useState<{ readonly url: string } | { readonly problem: string }>();
  useEffect(() => {
    if (text === undefined) return;
    let url: string | undefined;
    let isGone = false;
    void draw(text).then((drawn) => {
      if (isGone) return;
      if ('svg' in drawn) {
        url = URL.createObjectURL(new Blob([drawn.svg], { type: 'image/svg+xml' }));
        setPicture({ url });
      } else setPicture(drawn);
    });
    return () => {
      isGone = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, [text]);
  return (
    <div class="mermaid-view">
      {picture && 'url' in picture && <img src={picture.url} alt={`Mermaid diagram: ${diagram.value?.title ?? ''}`} />}
      {picture && 'problem' in picture && (
        <p class="problem" role="alert">
          <Icon name="warning" size={14} /> Mermaid could not draw this: {picture.problem}
        </p>
      )}
      {!picture && <p class="quiet">Drawing…</p>}
      {text !== undefined && (
        <div class="command">
          <pre tabIndex={0} aria-label="Mermaid text">
            {text}
          </pre>
          <button
            type="button"
            class="icon-button"
            title="Copy"
            aria-label="Copy: Mermaid text"
            onClick={() => copy(text, 'Mermaid text')}
          >
            <Icon name="copy" />
          </button>
        </div>
      )}
    </div>
  );
}

async function draw(text: string): Promise<{ readonly svg: string } | { readonly problem: string }> {
  try {
    const { renderMermaid } = await import('./mermaid-render.js');
    return { svg: await renderMermaid(text) };
  } catch (problem) {
    return { problem: problem instanceof Error ? problem.message : String(problem) };
  }
}
