import { useId, useRef, useState } from 'preact/hooks';

interface ComboboxProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly invalid: boolean;
  readonly class: string;
  readonly placeholder: string;
  /** What the typed text is compared with; the options themselves are put in. */
  readonly onInput: (value: string) => void;
  readonly onChoose: (value: string) => void;
}

const MOST = 60;

/** A text field that offers what the mesh has; anything else can be typed. */
export function Combobox({
  label,
  value,
  options,
  invalid,
  class: className,
  placeholder,
  onInput,
  onChoose,
}: ComboboxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // a field that was only opened offers everything; what is typed narrows
  const [typed, setTyped] = useState(false);
  const offered = matching(options, typed ? value : '');
  const expanded = open && offered.length > 0;
  const close = (): void => {
    setOpen(false);
    setActive(-1);
    setTyped(false);
  };
  const choose = (option: string): void => {
    close();
    onChoose(option);
    input.current?.focus();
  };
  const move = (by: number): void => {
    setOpen(true);
    setActive(offered.length ? (active + by + offered.length + (active < 0 && by < 0 ? 1 : 0)) % offered.length : -1);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Escape' && expanded) close();
    else if (event.key === 'Enter') {
      const option = expanded ? offered[active] : undefined;
      choose(option ?? value);
    } else return;
    event.preventDefault();
  };
  return (
    <div class={`combobox ${className}`}>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={expanded}
        aria-controls={`${id}-list`}
        aria-activedescendant={expanded && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={invalid}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        title={value}
        value={value}
        onInput={(event) => {
          setOpen(true);
          setTyped(true);
          setActive(-1);
          onInput(event.currentTarget.value);
        }}
        onMouseDown={() => setOpen(true)}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} class="options" hidden={!expanded}>
        {expanded &&
          offered.map((it, index) => (
            <li
              key={it}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              ref={(element) => {
                if (index === active) element?.scrollIntoView({ block: 'nearest' });
              }}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(it);
              }}
            >
              {it}
            </li>
          ))}
      </ul>
    </div>
  );
}

function matching(options: readonly string[], text: string): readonly string[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return options.filter((it) => words.every((word) => it.toLowerCase().includes(word))).slice(0, MOST);
}
