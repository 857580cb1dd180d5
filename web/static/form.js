"use strict";
const form = document.getElementById("edit");
const saved = document.getElementById("saved");
const facts = JSON.parse(document.getElementById("facts").textContent);
let last = sent().toString();
let timer = 0;
let saving = false;
let leaving = false;
let forked = false;

function sent() {
  const data = new URLSearchParams(new FormData(form));
  data.delete("revision");
  data.delete("csrf_token");
  return data;
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(save, 3000);
});

async function save() {
  const now = sent().toString();
  if (leaving || now === last) return;
  if (saving) {
    timer = setTimeout(save, 1000);
    return;
  }
  saving = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    const told = await answer.json();
    if (answer.ok) {
      show(told);
      last = now;
    } else {
      saved.textContent = [told.error, form.dataset.failed].filter(Boolean).join(" · ");
    }
  } catch {
    saved.textContent = form.dataset.failed;
  }
  saving = false;
}

function show(told) {
  saved.textContent = `${told.saved} · ${told.left}`;
  const others = document.getElementById("others");
  tell(told.others);
  forked = Boolean(told.forked);
  if (forked) {
    const link = document.createElement("a");
    link.href = told.forked;
    link.textContent = form.dataset.forkedLink;
    others.replaceChildren(form.dataset.forked, link);
    others.hidden = false;
  } else {
    form.elements.revision.value = told.revision;
  }
  if (told.preview) document.getElementById("preview").innerHTML = told.preview;
}

form.addEventListener("submit", () => {
  leaving = true;
  clearTimeout(timer);
});
addEventListener("pagehide", () => {
  if (!leaving && sent().toString() !== last) {
    fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
      keepalive: true,
    }).catch(() => {});
  }
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

// Say every minute that somebody is still here; nothing is saved by that.
setInterval(async () => {
  const token = form.elements.csrf_token.value;
  const body = new URLSearchParams({ csrf_token: token, do: "here" });
  const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body }).catch(() => null);
  if (answer?.ok && !forked) tell((await answer.json()).others);
}, 60000);

function tell(names) {
  const others = document.getElementById("others");
  others.textContent = names;
  others.hidden = !names;
}

function option(key, label) {
  return new Option(label, key);
}

function fit(select) {
  const fact = facts.facts[select.value];
  const start = select.name.slice(0, -"field".length);
  const op = form.elements[`${start}op`];
  const value = form.querySelector(`[data-value="${CSS.escape(`${start}value`)}"]`);
  if (!fact || !op || !value) return;
  const held = op.value;
  op.replaceChildren(op.options[0], ...facts.operators[fact.type].map(([key, label]) => option(key, label)));
  op.value = facts.operators[fact.type].some(([key]) => key === held) ? held : facts.operators[fact.type][0][0];
  const choices = fact.type === "bool" ? [["是", "是"], ["否", "否"]] : fact.choices;
  const label = value.querySelector("label, legend").cloneNode(true);
  value.replaceChildren(choices.length ? ticks(`${start}value`, label.textContent, choices, fact.type === "bool") : typed(`${start}value`, label.textContent, fact));
}

function ticks(name, title, choices, single) {
  const set = document.createElement("fieldset");
  const legend = document.createElement("legend");
  const boxes = document.createElement("div");
  set.id = `f-${name}`;
  set.className = "ticks";
  boxes.className = "boxes";
  legend.textContent = title;
  for (const [key, label] of choices) {
    const row = document.createElement("p");
    const box = document.createElement("input");
    const text = document.createElement("label");
    row.className = "choice";
    Object.assign(box, { type: single ? "radio" : "checkbox", name, value: key, id: `f-${name}-${key}` });
    text.htmlFor = box.id;
    text.textContent = label;
    row.append(box, text);
    boxes.append(row);
  }
  set.append(legend, boxes);
  return set;
}

function typed(name, title, fact) {
  const row = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const unit = document.createElement("span");
  const line = document.createElement("span");
  row.className = "form-row";
  line.className = "with-unit";
  label.htmlFor = input.id = `f-${name}`;
  label.textContent = title;
  input.name = name;
  input.autocomplete = "off";
  if (fact.of === "regions") input.setAttribute("list", "regions");
  unit.textContent = fact.unit;
  line.append(input, unit);
  row.append(label, line);
  return row;
}

form.addEventListener("change", (event) => {
  if ("facts" in event.target.dataset) fit(event.target);
});

function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  target?.scrollIntoView();
  if (target?.matches("fieldset, .errors, input, textarea, select")) target.focus({ preventScroll: true });
}
addEventListener("hashchange", unfold);
if (location.hash) unfold();
