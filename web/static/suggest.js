"use strict";
// A combobox with a list of suggestions: arrows choose, Enter takes, Escape closes. Without script the
// field is a plain one.
{
  const field = document.querySelector("[data-suggest]");
  if (field) combobox(field);
}

function combobox(field) {
  const list = Object.assign(document.createElement("ul"), { id: "suggestions", className: "suggestions", hidden: true });
  const told = Object.assign(document.createElement("p"), { className: "hidden" });
  const { suggest, label, found, none } = field.dataset;
  let options = [];
  let active = -1;
  let timer = 0;
  let asking;

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  told.setAttribute("role", "status");
  field.parentElement.append(list);
  field.form.append(told);
  const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-haspopup": "listbox" };
  for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);

  function open(isOpen) {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) choose(-1);
  }

  function choose(at) {
    active = at;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    const item = list.children[at];
    if (item) {
      field.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function take(at) {
    const option = options[at];
    open(false);
    if (!option.id) field.value = option.query;
    location.assign(option.address);
  }

  function item(option, number) {
    const row = document.createElement("li");
    const name = Object.assign(document.createElement("span"), { textContent: option.label, lang: "zh-CN" });
    const tag = Object.assign(document.createElement("span"), { textContent: option.tag, className: "count" });
    row.id = `suggestion-${number}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.append(name, " ", tag);
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", () => take(number));
    return row;
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const typed = field.value.trim();
    if (!typed) return show([], typed);
    const url = new URL(suggest, location.href);
    url.searchParams.set("q", typed);
    const answer = await fetch(url, { signal: asking.signal }).catch(() => null);
    const rows = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!rows || document.activeElement !== field) return;
    show(rows, typed);
    told.textContent = options.length ? found.replace("{n}", options.length) : none;
  }

  function show(found, typed) {
    choose(-1); // what was chosen stood in the list before
    options = found;
    list.dataset.query = typed;
    list.replaceChildren(...options.map(item));
    open(options.length > 0);
  }

  const step = (by) => choose(active + by >= options.length ? -1 : active + by < -1 ? options.length - 1 : active + by);
  const keys = {
    ArrowDown: () => (list.hidden ? open(options.length > 0) : step(1)),
    ArrowUp: () => (list.hidden ? open(options.length > 0) : step(-1)),
    Enter: () => (active < 0 ? false : take(active)),
    Escape: () => (list.hidden ? false : open(false)),
  };

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    asking?.abort();
    if (!event.isComposing) timer = setTimeout(ask, 150);
  });
  field.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  field.addEventListener("keydown", (event) => {
    const act = event.isComposing ? undefined : keys[event.key];
    if (act && act() !== false) event.preventDefault();
  });
  field.addEventListener("blur", () => open(false));
  field.form.addEventListener("submit", () => open(false));
}
