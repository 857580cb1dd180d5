"use strict";
const rows = [...document.querySelectorAll("[data-proposal]")];
let current = rows.find((one) => one.classList.contains("current"));

function choose(row) {
  if (!row || row === current) return;
  current?.classList.remove("current");
  current = row;
  row.classList.add("current");
  const number = row.dataset.proposal;
  const marks = [...document.querySelectorAll("[data-covers]")];
  for (const mark of marks) mark.classList.toggle("now", mark.dataset.covers.split(" ").includes(number));
  show(marks.find((mark) => mark.classList.contains("now")));
}

function show(mark) {
  const box = mark?.closest(".original");
  if (box && matchMedia("(min-width: 60rem)").matches)
    box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - 60;
}

function move(step) {
  const row = rows[rows.indexOf(current) + step];
  if (!row) return;
  choose(row);
  (row.querySelector("button") ?? row).focus();
}

addEventListener("focusin", (event) => choose(event.target.closest("[data-proposal]")));
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea, select")) return;
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  if (step && !event.target.closest(".original")) {
    event.preventDefault();
    move(step);
    return;
  }
  const wanted = current?.querySelector(`[data-key="${event.key}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
  if (event.key === "2") current.querySelector("details :is(input:not([type=hidden]), textarea, select)")?.focus();
});
show(document.querySelector("mark.now"));
