"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    box.focus();
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = button.dataset.done;
  });
}

const wide = matchMedia("(min-width: 60rem)");
const panel = document.querySelector(".filters");
if (panel && wide.matches) panel.open = true;

const field = document.querySelector("[data-suggest]");
const list = field && document.getElementById("suggestions");
let timer = 0;
field?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (!field.value.trim()) return;
    const url = new URL(field.dataset.suggest, location.href);
    url.searchParams.set("q", field.value);
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) return;
    const options = await answer.json();
    list.replaceChildren(...options.map((one) => Object.assign(document.createElement("option"), { value: one.query, label: one.label })));
  }, 250);
});

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
