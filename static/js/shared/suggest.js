// Suggestions under a search field: <input data-suggest="/address/"> asks for ?q=… and gets
// {"results": [{"label", "detail", "icon", "url" or "value"}]}. A combobox by the ARIA pattern; without script the
// field is a plain search field.
const PAUSE = 180;
const LEAST = 2;
let serial = 0;

function attach(input) {
  if (input.getAttribute("role") === "combobox") return;
  serial += 1;
  const list = document.createElement("div");
  list.className = "suggest";
  list.id = `suggestions-${serial}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.closest("label")?.querySelector("span")?.textContent ?? "");
  (input.closest(".search") ?? input.closest(".field") ?? input.parentElement).append(list);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
    ["aria-autocomplete", "list"],
    ["autocomplete", "off"],
  ])
    input.setAttribute(name, value);

  let results = [];
  let active = -1;
  let timer;
  let request;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[index].id);
    list.children[index].scrollIntoView({ block: "nearest" });
  }

  function choose(index) {
    const result = results[index];
    close();
    if (result.url) return location.assign(result.url);
    input.value = result.value ?? result.label;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function emphasise(text) {
    const line = document.createElement("span");
    const at = text.toLowerCase().indexOf(input.value.trim().toLowerCase());
    if (at < 0) {
      line.textContent = text;
      return line;
    }
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + input.value.trim().length);
    line.append(text.slice(0, at), mark, text.slice(at + input.value.trim().length));
    return line;
  }

  function draw() {
    list.replaceChildren(
      ...results.map((result, index) => {
        const option = document.createElement("div");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const line = emphasise(result.label);
        if (result.detail) {
          const detail = document.createElement("small");
          detail.textContent = ` ${result.detail}`;
          line.append(detail);
        }
        option.append(line);
        // pointerdown comes before the field loses the focus.
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(index);
        });
        return option;
      }),
    );
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    mark(-1);
  }

  async function ask() {
    const text = input.value.trim();
    request?.abort();
    if (text.length < LEAST) return close();
    request = new AbortController();
    try {
      const address = new URL(input.dataset.suggest, location.href);
      address.searchParams.set("q", text);
      const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: request.signal });
      if (!answer.ok) return close();
      ({ results } = await answer.json());
      if (document.activeElement === input) draw();
    } catch {
      // Interrupted by the next letter, or offline: the field still searches.
      if (!request.signal.aborted) close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      mark(((active + step + 1 + results.length + 1) % (results.length + 1)) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
}

const attachAll = (scope) => scope.querySelectorAll?.("input[data-suggest]").forEach(attach);
document.addEventListener("htmx:load", (event) => attachAll(event.target));
attachAll(document);
